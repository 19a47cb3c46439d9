import { BadUserInput, quote } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { inOtherTenant, mapDatabaseError, type Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import { assertMailIsSent, wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { writeInvitation } from "../invitations/invitation.service.js";
import { fillNewTenant } from "../provisioning/new-tenant.js";
import { adminProblems } from "../provisioning/open-tenant.js";
import { slugProblems } from "../provisioning/slug.js";
import { hashingTurnOf } from "../sessions/passwords/hashing-places.js";
import { arePasswordsOfOthersTemporary } from "../sessions/passwords/password-rule.js";
import { hashPassword } from "../sessions/passwords/password.js";
import { findWrittenTenant, writeNewTenant } from "../tenants/tenant.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";
import type { CreateTenantInput } from "../tenants/tenant.type.js";
import { nameProblems, usernameOf } from "../users/user-problems.js";
import { findUserOfLogin } from "../users/user.service.js";
import { recordInPlatformTenant } from "./platform-record.js";
import { metaInTenant } from "./in-tenant.js";

/**
 * Creates a tenant on behalf of a platform operator. An administrator without a password is invited by email.
 * @throws BadUserInput (a taken slug, with its path), Conflict (idempotency key with another input), ServiceUnavailable (no mail server)
 */
export async function createTenant(ctx: Context, input: CreateTenantInput): Promise<TenantRow> {
  const wanted = await checked(ctx, input);
  const { password, ...admin } = wanted.admin;
  if (password === null) assertMailIsSent(ctx.services.config);
  const passwordHash = password === null ? null : await hashPassword(password, ctx.services.config.passwordCost, hashingTurnOf(ctx));
  const isPasswordTemporary = await arePasswordsOfOthersTemporary(ctx.services, { plan: wanted.plan });
  const row = await ctx.inTenant(async (tx) => {
    const call = { mutation: "createTenant", key: input.idempotencyKey ?? null, input: { ...wanted, admin } };
    const { result } = await once(tx, ctx.meta, call, async () => {
      const made = await writeTenant(ctx, tx, wanted, { passwordHash, isPasswordTemporary });
      await recordInPlatformTenant(tx, ctx.meta, { action: "tenant.create", before: null, after: made });
      return { tenantId: made.tenantId };
    });
    const to = result["tenantId"] ?? "";
    return inOtherTenant(tx, { from: ctx.viewer.tenantId, to }, (inside) => findWrittenTenant(inside, to));
  });
  wakeMailSender(ctx.services);
  return row;
}

interface WantedTenant extends Pick<CreateTenantInput, "slug" | "name" | "plan" | "isSandbox"> {
  readonly admin: { readonly name: string; readonly email: string; readonly username: string; readonly password: string | null };
}

async function writeTenant(
  ctx: Context,
  tx: Tx,
  wanted: WantedTenant,
  { passwordHash, isPasswordTemporary }: { readonly passwordHash: string | null; readonly isPasswordTemporary: boolean },
): Promise<TenantRow> {
  const { slug, name, plan, isSandbox } = wanted;
  const { password: _secret, ...admin } = wanted.admin;
  const { name: operatorName } = await findUserOfLogin(tx, ctx.viewer.userId);
  const [tenantId, adminId] = [newId(), newId()];
  return inOtherTenant(tx, { from: ctx.viewer.tenantId, to: tenantId }, async (inside) => {
    const row = await writeNewTenant(inside, { tenantId, slug, name, plan, isSandbox }).catch((error: unknown) => {
      throw mapDatabaseError(error, {
        tenants_slug_key: () => new BadUserInput([{ path: "input.slug", message: `The slug ${quote(slug)} is already taken.` }]),
      });
    });
    const meta = await metaInTenant(ctx, inside, { tenantId, operatorName });
    await fillNewTenant(inside, meta, {
      row,
      admin: {
        ...admin,
        id: adminId,
        type: "EMPLOYEE",
        vendorId: null,
        passwordHash,
        isPasswordTemporary: isPasswordTemporary && passwordHash !== null,
      },
    });
    if (passwordHash === null) {
      const invited = await findUserOfLogin(inside, adminId);
      await writeInvitation(inside, { meta, services: ctx.services }, invited, null);
    }
    return row;
  });
}

async function checked(ctx: Context, input: CreateTenantInput): Promise<WantedTenant> {
  const email = input.admin.email.normalize("NFKC").trim();
  const username = (input.admin.username ?? usernameOf(email)).normalize("NFKC").trim();
  const wanted = {
    slug: input.slug.trim().toLowerCase(),
    name: input.name.trim(),
    plan: input.plan,
    isSandbox: input.isSandbox,
    admin: { name: input.admin.name.trim(), email, username, password: input.admin.password ?? null },
  };
  const problems = [
    ...slugProblems(wanted.slug, "input.slug"),
    ...nameProblems(wanted.name),
    ...(await adminProblems(ctx.services, wanted.admin, [wanted.name, wanted.slug], "input.admin.")),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return wanted;
}
