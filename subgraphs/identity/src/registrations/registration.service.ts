import { createHash } from "node:crypto";
import { BadUserInput, Conflict, Forbidden, quote, RateLimited } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { mapDatabaseError } from "@weft/platform/db";
import { networkOf } from "@weft/platform/fairness";
import { once } from "@weft/platform/idempotency";
import { wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { mailFirstVerification } from "../email-verification/email-verification.service.js";
import { fillNewTenant } from "../provisioning/new-tenant.js";
import { freeSlugLike, slugOf, slugProblems } from "../provisioning/slug.js";
import type { Attempt } from "../sessions/attempts/attempt-limits.js";
import { attemptLimiterOf } from "../sessions/attempts/attempt-limiter-of.js";
import { loginNameHash, normalizeLoginName } from "../sessions/login-name.js";
import { login } from "../sessions/login.service.js";
import { hashingTurnOf } from "../sessions/passwords/hashing-places.js";
import { hashPassword } from "../sessions/passwords/password.js";
import { newPasswordProblems } from "../sessions/passwords/password-rule.js";
import { metaOf, writeAs } from "../sessions/session-write.js";
import { findWrittenTenant, insertTenantOnce } from "../tenants/tenant.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";
import { emailProblems, nameProblems, usernameOf, usernameProblems } from "../users/user-problems.js";
import type { RegisterOrganizationInput, NewUserLoginPayload } from "./registration.type.js";

/** Maximum number of attempts if a derived slug is taken concurrently. */
const slugTries = 3;

const firstTeam = { key: "everyone", name: "Everyone", description: "The first team. Rename it, or create others." };

/**
 * Creates an organization, logs its administrator in and emails a verification link. Does not reveal whether the email address has a login in another
 * tenant: users of self-registered tenants are found only together with their slug, so they do not affect other logins.
 * @throws Forbidden, BadUserInput, RateLimited, Conflict (idempotency key with another input), Unauthenticated (a repeated call with a different
 * password)
 */
export async function registerOrganization(ctx: Context, input: RegisterOrganizationInput): Promise<NewUserLoginPayload> {
  if (ctx.services.config.registration === "closed")
    throw new Forbidden("Registration is closed. Contact the operator of this installation.");
  const wanted = await checked(ctx, input);
  const limiter = attemptLimiterOf(ctx.services);
  const address = networkOf(ctx.address ?? "unknown");
  // One name per address. With a common name, a hundred registrations from anywhere would block all others.
  const attempt: Attempt = { kind: "REGISTRATION", nameHash: loginNameHash(`registerOrganization ${address}`), address };
  const refused = await limiter.begin(attempt);
  if (refused) throw new RateLimited(refused);
  let tenant: TenantRow;
  try {
    tenant = await makeOrganization(ctx, wanted);
  } catch (error) {
    // Attempts with taken slugs count, because otherwise slugs could be enumerated. Attempts that failed because the database was unavailable do not.
    if (!(error instanceof BadUserInput || error instanceof Conflict)) await limiter.cancelled(attempt);
    throw error;
  }
  wakeMailSender(ctx.services);
  const { email, password } = wanted.admin;
  const session = await login(ctx, { login: email, password, tenant: tenant.slug });
  return Object.assign(session, { slug: tenant.slug });
}

interface Wanted {
  readonly name: string;
  readonly slug: string | null;
  readonly admin: { readonly name: string; readonly email: string; readonly username: string; readonly password: string };
  readonly idempotencyKey: string | null;
}

async function checked(ctx: Context, { name, slug, admin, idempotencyKey }: RegisterOrganizationInput): Promise<Wanted> {
  const email = admin.email.normalize("NFKC").trim();
  const wanted = {
    name: name.trim(),
    slug: typeof slug === "string" ? slug.trim().toLowerCase() : null,
    admin: {
      name: admin.name.trim(),
      email,
      username: (admin.username ?? usernameOf(email)).normalize("NFKC").trim(),
      password: admin.password,
    },
    idempotencyKey: idempotencyKey ?? null,
  };
  const problems = [
    ...nameProblems(wanted.name),
    ...(wanted.slug === null ? [] : slugProblems(wanted.slug, "input.slug")),
    ...nameProblems(wanted.admin.name, "input.admin.name"),
    ...emailProblems(email, "input.admin.email"),
    ...usernameProblems(wanted.admin.username, "input.admin.username"),
    ...(await newPasswordProblems(
      ctx.services,
      { plan: "FREE" },
      {
        password: admin.password,
        path: "input.admin.password",
        names: [wanted.name, wanted.slug ?? "", wanted.admin.name, email, wanted.admin.username],
      },
    )),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return wanted;
}

class SlugTaken extends Error {}

async function makeOrganization(ctx: Context, wanted: Wanted): Promise<TenantRow> {
  const passwordHash = await hashPassword(wanted.admin.password, ctx.services.config.passwordCost, hashingTurnOf(ctx));
  for (let tries = 1; ; tries++) {
    const slug = wanted.slug ?? (await freeSlugLike(ctx.services, slugOf(wanted.name)));
    try {
      return await writeOrganization(ctx, wanted, { slug, passwordHash });
    } catch (error) {
      if (!(error instanceof SlugTaken)) throw error;
      if (wanted.slug === null && tries < slugTries) continue;
      const free = await freeSlugLike(ctx.services, slug);
      throw new BadUserInput([{ path: "input.slug", message: `The slug ${quote(slug)} is already taken; ${quote(free)} is available.` }]);
    }
  }
}

function writeOrganization(
  ctx: Context,
  wanted: Wanted,
  { slug, passwordHash }: { slug: string; passwordHash: string },
): Promise<TenantRow> {
  const { idempotencyKey: key, name } = wanted;
  const { password: _secret, ...admin } = wanted.admin;
  const tenantId = idOf(wanted, "tenant");
  const adminId = idOf(wanted, "admin");
  const meta = metaOf(ctx, { tenantId, userId: adminId, sessionId: null });
  return writeAs(ctx, tenantId, async (tx) => {
    const isNew = await insertTenantOnce(tx, { tenantId, slug, name, plan: "FREE", isVerified: false, isSelfRegistered: true }).catch(
      (error: unknown) => {
        throw mapDatabaseError(error, { tenants_slug_key: () => new SlugTaken() });
      },
    );
    const input = { name, slug: wanted.slug, admin };
    await once(tx, meta, { mutation: "registerOrganization", key, input }, async () => {
      // Idempotency keys expire after a while, but what they created does not.
      if (!isNew) throw new Conflict(`The idempotency key ${quote(key ?? "")} was already used for registerOrganization.`);
      const row = await findWrittenTenant(tx, tenantId);
      await fillNewTenant(tx, meta, {
        row,
        admin: { ...admin, id: adminId, type: "EMPLOYEE", vendorId: null, passwordHash },
        team: firstTeam,
      });
      await mailFirstVerification(ctx, tx, meta, adminId);
      return { tenantId };
    });
    return findWrittenTenant(tx, tenantId);
  });
}

/**
 * Before a registration there is no tenant to store the idempotency key in, so the IDs are derived from the key, and a repeated call finds what the
 * first created. The email address separates users who chose the same key. Without a key the IDs are new.
 */
function idOf({ idempotencyKey, admin }: Wanted, what: "tenant" | "admin"): string {
  if (idempotencyKey === null) return newId();
  const text = JSON.stringify(["registerOrganization", what, normalizeLoginName(admin.email), idempotencyKey]);
  const hex = createHash("sha256").update(text).digest("hex");
  // UUIDv8: 122 custom bits.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
