import { canSendMail, mailsPerHour, RateLimited, sendMail, writeAudit } from "@weft/shared";
import type { Context, Tx } from "@weft/shared";
import { findAdministrators } from "../rights/rights.service.js";
import { findWrittenTenant } from "../tenants/tenant.service.js";
import { findUserOfLogin } from "../users/user.service.js";
import { metaOf, type SessionOwner } from "./session-write.js";

const MAX_TOLD = 20;

/**
 * Audits that a user logged in with a password although single sign-on is required, and emails it to administrators. A limit of emails must not prevent
 * the login. Call `wakeMailSender` after the commit.
 */
export async function recordBreakGlassUse(ctx: Context, tx: Tx, owner: SessionOwner & { readonly sessionId: string }): Promise<void> {
  const { services, log } = ctx;
  const meta = metaOf(ctx, owner);
  const { tenantId, userId, sessionId } = owner;
  await writeAudit(tx, meta, [
    { action: "session.breakGlass", entityType: "session", entityId: sessionId, before: null, after: { userId } },
  ]);
  if (!canSendMail(services.config)) return;
  const [tenant, user] = [await findWrittenTenant(tx, tenantId), await findUserOfLogin(tx, userId)];
  for (const { id, email } of await findAdministrators(tx, MAX_TOLD)) {
    const values = { slug: tenant.slug, user: user.name, address: ctx.address ?? "unknown" };
    const mail = {
      personId: id,
      to: email,
      template: "breakGlassUsed",
      perTenantAndHour: mailsPerHour(tenant),
      canFollow: true,
      values,
    } as const;
    await sendMail(tx, meta, mail).catch((error: unknown) => {
      if (!(error instanceof RateLimited)) throw error;
      log.warn({ tenantId }, "a login of a break-glass user was not emailed, because of a limit");
    });
  }
}
