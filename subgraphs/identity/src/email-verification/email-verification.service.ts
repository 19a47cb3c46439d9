import { Forbidden } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { assertMailIsSent, canSendMail, mailsPerHour, sendMail, wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { mailSecurityNotice } from "../notices/security-notice.js";
import { readOneTimeToken } from "../one-time-tokens/one-time-token.js";
import { makeOneTimeToken, openToken, spendToken, tokenRefused } from "../one-time-tokens/one-time-token.service.js";
import { limitedAttempt } from "../sessions/attempts/limited-attempt.js";
import { metaOf, writeAs } from "../sessions/session-write.js";
import { findWaysIn } from "../single-sign-on/ways-in.js";
import { findWrittenTenant } from "../tenants/tenant.service.js";
import { verifyTenant } from "../tenants/verify-tenant.js";
import { findUserForChange, isOwnerProven, verifyUserEmail } from "../users/known-user.service.js";
import { findUserOfLogin } from "../users/user.service.js";
import type { UserRow } from "../users/known-user.service.js";

/** Validity of the link. */
const verificationHours = 24;

/**
 * Emails the viewer a link, unless they have already verified the email address while they were logged in.
 * @throws Forbidden, RateLimited, ServiceUnavailable (no mail server)
 */
export async function requestEmailVerification(ctx: Context): Promise<UserRow> {
  assertMailIsSent(ctx.services.config);
  const { tenantId, userId } = ctx.viewer;
  // Without a vendor: users of a vendor have an email address too, but no rights on outgoing mail.
  const user = await writeAs(ctx, tenantId, async (tx) => {
    const found = await findUserForChange(tx, userId);
    if (found === null) throw new Error("The viewer is not a user.");
    if (found.type !== "EMPLOYEE" && found.type !== "VENDOR") throw new Forbidden("Only people have email addresses that can be verified.");
    if (!isOwnerProven(found)) await mailVerification(ctx, tx, ctx.meta, found);
    return found;
  });
  wakeMailSender(ctx.services);
  return user;
}

/** Emails a link to a newly registered user, if emails can be sent. The caller wakes the sender. */
export async function mailFirstVerification(ctx: Context, tx: Tx, meta: WriteMeta, userId: string): Promise<void> {
  if (canSendMail(ctx.services.config)) await mailVerification(ctx, tx, meta, await findUserOfLogin(tx, userId));
}

async function mailVerification(ctx: Context, tx: Tx, meta: WriteMeta, user: UserRow): Promise<void> {
  const { config, keys } = ctx.services;
  const tenant = await findWrittenTenant(tx, meta.tenantId);
  const lifetimeSeconds = verificationHours * 3600;
  const { id, token } = await makeOneTimeToken(tx, keys, { user, purpose: "EMAIL_VERIFICATION", createdBy: null, lifetimeSeconds });
  await sendMail(tx, meta, {
    personId: user.id,
    to: user.email,
    template: "emailVerification",
    referenceId: id,
    perTenantAndHour: mailsPerHour(tenant),
    values: { slug: tenant.slug, token, url: `${config.mail.publicUrl}/verify-email#token=${token}`, hours: verificationHours },
  });
}

/**
 * Confirms that the user receives email at the address and, with it, that the organization can be reached. In a session of the user, this also proves that
 * the account is theirs: otherwise the next proof of the owner, such as a reset of the password, still ends what somebody else could have added.
 * @returns the slug of the organization
 * @throws Unauthenticated (the same for every invalid link), TenantSuspended, RateLimited
 */
export function verifyEmail(ctx: Context, token: string): Promise<string> {
  return limitedAttempt(ctx, token, async () => {
    const ref = readOneTimeToken("EMAIL_VERIFICATION", ctx.services.keys.refresh, token);
    if (ref === null) throw tokenRefused();
    const { tenantId } = ref;
    const verified = await writeAs(ctx, tenantId, async (tx) => {
      const { userId, userStatus } = await openToken(tx, ref, "EMAIL_VERIFICATION");
      if (userStatus !== "ACTIVE") throw tokenRefused();
      const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
      // Locks the tenant before the user, in the same order as every change of rights.
      await verifyTenant(tx, meta);
      const user = await findUserForChange(tx, userId);
      const { slug } = await spendToken(tx, ref, "EMAIL_VERIFICATION");
      if (user?.status !== "ACTIVE") throw tokenRefused();
      const { maybeViewer } = ctx;
      const isOwn = maybeViewer?.tenantId === tenantId && maybeViewer.userId === userId && maybeViewer.apiKey === null;
      const after = await verifyUserEmail(tx, meta, user, { isWithoutLogin: !isOwn });
      if (!isOwnerProven(after)) await tellOfWaysIn(ctx, tx, meta, after);
      return slug;
    });
    wakeMailSender(ctx.services);
    return verified;
  });
}

/** Whoever has confirmed the address need not be the one who has used the account so far. */
async function tellOfWaysIn(ctx: Context, tx: Tx, meta: WriteMeta, user: UserRow): Promise<void> {
  const ways = await findWaysIn(tx, user.id);
  if (Object.values(ways).every((way) => Number(way) === 0)) return;
  await mailSecurityNotice(ctx, tx, meta, user, { template: "emailVerified", ...ways });
}
