import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { mailAdministrators } from "../rights/administrator-mails.js";
import { findUserOfLogin } from "../users/user.service.js";
import { metaOf, type SessionOwner } from "./session-write.js";

/**
 * Audits that a user logged in with a password although single sign-on is required, and emails it to administrators. Call `wakeMailSender` after the commit.
 */
export async function recordBreakGlassUse(ctx: Context, tx: Tx, owner: SessionOwner & { readonly sessionId: string }): Promise<void> {
  const meta = metaOf(ctx, owner);
  const { userId, sessionId } = owner;
  await writeAudit(tx, meta, [
    { action: "session.breakGlass", entityType: "session", entityId: sessionId, before: null, after: { userId } },
  ]);
  const user = await findUserOfLogin(tx, userId);
  await mailAdministrators({ ...ctx.services, log: ctx.log }, tx, meta, {
    template: "breakGlassUsed",
    valuesOf: (slug) => ({ slug, user: user.name, address: ctx.address ?? "unknown" }),
  });
}
