import { assertMailIsSent, canSendMail, Forbidden, mailsPerHour, sendMail, wakeMailSender } from "@weft/shared";
import type { Context, Tx, WriteMeta } from "@weft/shared";
import { readOneTimeToken } from "../one-time-tokens/one-time-token.js";
import { makeOneTimeToken, openToken, spendToken, tokenRefused } from "../one-time-tokens/one-time-token.service.js";
import { limitedAttempt } from "../sessions/limited-attempt.js";
import { metaOf, writeAs } from "../sessions/session-write.js";
import { findWrittenTenant } from "../tenants/tenant.service.js";
import { verifyTenant } from "../tenants/verify-tenant.js";
import { findUserForChange, verifyUserEmail } from "../users/known-user.service.js";
import { findUserOfLogin } from "../users/user.service.js";
import type { UserRow } from "../users/known-user.service.js";

/** How long the link works. */
const verificationHours = 24;

/** Mails the viewer a link, unless the email is verified already. @throws Forbidden, RateLimited, ServiceUnavailable (no mail server) */
export async function requestEmailVerification(ctx: Context): Promise<UserRow> {
  assertMailIsSent(ctx.services.config);
  const { tenantId, userId } = ctx.viewer;
  // Without a vendor: people of a vendor have an email too, and no rights on what waits to be sent.
  const user = await writeAs(ctx, tenantId, async (tx) => {
    const found = await findUserForChange(tx, userId);
    if (found === null) throw new Error("The viewer is no user.");
    if (found.type !== "EMPLOYEE" && found.type !== "VENDOR") throw new Forbidden("Only people have emails that can be verified.");
    if (found.emailVerifiedAt === null) await mailVerification(ctx, tx, ctx.meta, found);
    return found;
  });
  wakeMailSender(ctx.services);
  return user;
}

/** Mails a link to a user who was just registered, where mails can be sent at all. The caller wakes the sender. */
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
 * The email is that of whoever reads its mails, and behind the organisation there is somebody whom a mail reaches.
 * @returns the organisation's slug
 * @throws Unauthenticated (one answer for every link that does not work), TenantSuspended, RateLimited
 */
export function verifyEmail(ctx: Context, token: string): Promise<string> {
  return limitedAttempt(ctx, token, async () => {
    const ref = readOneTimeToken("EMAIL_VERIFICATION", ctx.services.keys.refresh, token);
    if (ref === null) throw tokenRefused();
    const { tenantId } = ref;
    return writeAs(ctx, tenantId, async (tx) => {
      const { userId, userStatus } = await openToken(tx, ref, "EMAIL_VERIFICATION");
      if (userStatus !== "ACTIVE") throw tokenRefused();
      const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
      // The tenant before the user, as every change of rights locks them.
      await verifyTenant(tx, meta);
      const user = await findUserForChange(tx, userId);
      const { slug } = await spendToken(tx, ref, "EMAIL_VERIFICATION");
      if (user?.status !== "ACTIVE") throw tokenRefused();
      await verifyUserEmail(tx, meta, user);
      return slug;
    });
  });
}
