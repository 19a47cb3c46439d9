import { events, workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, eq, type SQL } from "drizzle-orm";

const { parked } = events;
const { incidents } = workflows;

export type ParkedRow = typeof parked.$inferSelect;

export const selectParkedPage = (tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<ParkedRow[]> =>
  named(
    "selectParkedPage",
    tx
      .select()
      .from(parked)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

export const countParked = (tx: Tx, where: SQL | undefined): Promise<number> => tx.$count(parked, where);

/** Locks the rows in the order of their IDs. */
export const lockParked = (tx: Tx, ids: readonly string[]): Promise<ParkedRow[]> =>
  named("lockParked", tx.select().from(parked).where(among(parked.id, ids)).orderBy(parked.id).for("update"));

/** Changes the status of the rows and starts counting their attempts anew. Returns them in any order. */
export const setParkedStatus = (tx: Tx, ids: readonly string[], status: "RETRY" | "SKIPPED"): Promise<ParkedRow[]> =>
  named("setParkedStatus", tx.update(parked).set({ status, attempts: 0 }).where(among(parked.id, ids)).returning());

/** Returns those of the instances that have an open incident. */
export async function selectStopped(tx: Tx, instanceIds: readonly string[]): Promise<ReadonlySet<string>> {
  const query = tx
    .select({ id: incidents.instanceId })
    .from(incidents)
    .where(and(among(incidents.instanceId, instanceIds), eq(incidents.status, "OPEN")));
  return new Set((await named("selectStoppedInstances", query)).map(({ id }) => id));
}
