import { channels } from "@weft/shared/event-catalog";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { afterAnswer } from "./after-answer.js";

/** Owner of a session that is written before, or without, a viewer. */
export interface SessionOwner {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string | null;
}

/** Returns the metadata of a write made by a login or a refresh on behalf of a user. */
export function metaOf(ctx: Context, { tenantId, userId, sessionId }: SessionOwner): WriteMeta {
  return {
    tenantId,
    actorId: userId,
    onBehalfOf: null,
    sessionId,
    requestId: ctx.requestId,
    address: ctx.address,
    client: ctx.client,
    userAgent: ctx.userAgent,
    traceId: null,
    keyring: ctx.services.keyring,
  };
}

/**
 * Writes a failure of a known user, such as a wrong password or code, to the audit log, after the answer: a failed login of a known user must not take
 * longer than that of an unknown user, which has no audit log.
 */
export function recordFailure(
  ctx: Context,
  { tenantId, userId, sessionId = null }: Pick<SessionOwner, "tenantId" | "userId"> & Partial<SessionOwner>,
  action:
    | "session.loginFailed"
    | "session.loginRefused"
    | "session.passwordRefused"
    | "session.reauthenticateFailed"
    | "session.secondFactorFailed"
    | "session.passkeyCloneSuspected"
    | "user.changePasswordFailed",
): void {
  const meta = metaOf(ctx, { tenantId, userId, sessionId });
  afterAnswer(ctx.services, () =>
    writeAs(ctx, tenantId, (tx) =>
      writeAudit(tx, meta, [
        { action, entityType: "user", entityId: userId, before: null, after: null, class: "REFUSED_LOGIN", outcome: "REFUSED" },
      ]),
    ).catch((error: unknown) => ctx.log.error({ err: error, action }, "a failed attempt could not be audited")),
  );
}

/** Runs a write transaction as a tenant without a viewer. Wakes the relay after the commit, as `inTenant` does. */
export async function writeAs<T>(ctx: Context, tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  const written = await asTenant(ctx.services.databases.app, { tenantId }, "write", fn);
  ctx.services.pubsub.publish(channels.outbox, "").catch((error: unknown) => ctx.log.debug({ err: error }, "the relay was not woken"));
  return written;
}
