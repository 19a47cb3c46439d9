import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { announceRevocations } from "../revocations.js";
import { type EndedSessions, revokeSessions, type SessionEnd } from "./session.store.js";
import type { EndedSessionPayload } from "./session.type.js";

/** Ends the viewer's session. Logging out of a session that is already over is not an error. */
export async function logout(ctx: Context): Promise<EndedSessionPayload> {
  const { tenantId, sessionId } = ctx.viewer;
  await ctx.inTenant((tx) => endSessions(ctx, tx, { ids: [sessionId] }, "LOGOUT"));
  await announceRevocations(ctx.services, [{ tenantId, sessionId }]);
  return { sessionId: encodeId("session", sessionId) };
}

/** Revokes sessions, with their audit entries and events. Returns the revoked sessions. The caller announces the revocations after the commit. */
export async function endSessions(
  ctx: Pick<Context, "meta">,
  tx: Tx,
  which: EndedSessions,
  reason: Exclude<SessionEnd, "REFRESH_REUSED">,
): Promise<readonly string[]> {
  const ended = await revokeSessions(tx, which, reason);
  const action = reason === "LOGOUT" ? "session.logout" : "session.revoke";
  await writeAudit(
    tx,
    ctx.meta,
    ended.map(({ id, userId }) => ({
      action,
      entityType: "session",
      entityId: id,
      before: { userId },
      after: { userId, revokedReason: reason },
    })),
  );
  await appendEvents(
    tx,
    ctx.meta,
    ended.map(({ id, userId }) => ({
      type: "session.ended",
      subjectId: id,
      subjectVersion: 2,
      related: { user: userId },
      payload: { sessionId: id, userId, reason },
    })),
  );
  return ended.map(({ id }) => id);
}
