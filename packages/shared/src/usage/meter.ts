import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";
import type { WriteMeta } from "../events/write-meta.js";

/** The limits of a plan that are counted where something is used; keys of the configuration's `limits`. Nothing stores files yet, so storage is 0. */
export const meteredLimits = [
  "users",
  "definitions",
  "runningInstances",
  "executionsPerHour",
  "executionsPerMonth",
  "storageBytes",
] as const;

export type MeteredLimit = (typeof meteredLimits)[number];

/** What a change uses (positive) or gives back (negative). Running instances and executions are counted by `engine.apply` itself. */
export type Use = { readonly limit: MeteredLimit; readonly amount: number };

/**
 * Counts in the caller's transaction, so that a rollback gives everything back. Call it late: near a limit whoever else uses the tenant's plan waits for
 * the end of the transaction. At 80 % of a limit it writes the event `usage.threshold_reached`.
 * @throws LimitExceeded; never for what is given back
 */
export async function meterUsage(tx: Tx, meta: WriteMeta, uses: readonly Use[]): Promise<void> {
  const { actorId, onBehalfOf, requestId, traceId } = meta;
  const context = JSON.stringify({ actorId, onBehalfOf, requestId, traceId });
  // Once for each limit and always in the same order: whoever holds a part of one limit and waits for another must not meet somebody who does it the other way round.
  for (const limit of meteredLimits) {
    const amount = uses.filter((use) => use.limit === limit).reduce((sum, use) => sum + use.amount, 0);
    if (amount === 0) continue;
    await tx.execute(named("meterUsage", sql`select app.meter(${limit}, ${amount}::bigint, ${context}::text::jsonb)`));
  }
}
