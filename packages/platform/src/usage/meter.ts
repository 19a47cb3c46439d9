import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";
import type { WriteMeta } from "../events/write-meta.js";

/** Limits of a plan that are metered at each use. They are keys of the configuration's `limits`. */
export const meteredLimits = [
  "users",
  "definitions",
  "runningInstances",
  "executionsPerHour",
  "executionsPerMonth",
  "storageBytes",
] as const;

export type MeteredLimit = (typeof meteredLimits)[number];

/** Amount that a change uses (positive) or releases (negative). Running instances and executions are counted by `engine.apply` itself. */
export type Use = { readonly limit: MeteredLimit; readonly amount: number };

/**
 * Meters usage in the caller's transaction, so that a rollback reverts it. Call it late: near a limit, other users of the tenant wait until the
 * transaction ends. At 80% of a limit, it writes the event `usage.threshold_reached`.
 * @throws LimitExceeded; never if usage is released
 */
export async function meterUsage(tx: Tx, meta: WriteMeta, uses: readonly Use[]): Promise<void> {
  const { actorId, onBehalfOf, requestId, traceId } = meta;
  const context = JSON.stringify({ actorId, onBehalfOf, requestId, traceId });
  // Once per limit and always in the same order. Otherwise transactions that hold one limit and wait for another could deadlock.
  for (const limit of meteredLimits) {
    const amount = uses.filter((use) => use.limit === limit).reduce((sum, use) => sum + use.amount, 0);
    if (amount === 0) continue;
    await tx.execute(named("meterUsage", sql`select app.meter(${limit}, ${amount}::bigint, ${context}::text::jsonb)`));
  }
}
