import { asTenant, channels } from "@weft/shared";
import type { Context, Tx, WriteMeta } from "@weft/shared";

/** Whose session is written before, or without, a viewer. */
export interface SessionOwner {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string | null;
}

/** The record of a write that a login or a refresh makes in somebody's name. */
export function metaOf(ctx: Context, { tenantId, userId, sessionId }: SessionOwner): WriteMeta {
  return {
    tenantId,
    actorId: userId,
    onBehalfOf: null,
    sessionId,
    requestId: ctx.requestId,
    address: ctx.address,
    traceId: null,
    keyring: ctx.services.keyring,
  };
}

/** A write transaction as a tenant that no viewer has yet opened; wakes the relay after the commit, as `inTenant` does. */
export async function writeAs<T>(ctx: Context, tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  const written = await asTenant(ctx.services.databases.app, { tenantId }, "write", fn);
  ctx.services.pubsub.publish(channels.outbox, "").catch((error: unknown) => ctx.log.debug({ err: error }, "the relay was not woken"));
  return written;
}
