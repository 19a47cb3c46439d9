import { asTenant, channels } from "@weft/shared";
import type { Context, Tx, WriteMeta } from "@weft/shared";

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
    traceId: null,
    keyring: ctx.services.keyring,
  };
}

/** Runs a write transaction as a tenant without a viewer. Wakes the relay after the commit, as `inTenant` does. */
export async function writeAs<T>(ctx: Context, tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  const written = await asTenant(ctx.services.databases.app, { tenantId }, "write", fn);
  ctx.services.pubsub.publish(channels.outbox, "").catch((error: unknown) => ctx.log.debug({ err: error }, "the relay was not woken"));
  return written;
}
