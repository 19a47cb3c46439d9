/** Reads and writes the chains of escalations, with the timer of their next level. */
import { escalations as tables } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import type { SlaWrites } from "../outcome/sla-writes.js";
import { writeSla } from "./sla.store.js";

const { escalationRuns } = tables;

export type RunRow = typeof escalationRuns.$inferSelect;

/** A chain to write. `timer`: the time of its next level; null: none is pending; absent: as it was. */
export type RunWrite = { readonly row: RunRow; readonly timer?: { readonly dueAt: string; readonly state: string } | null };

/** Returns the chains of an instance, oldest first: those that have not ended, or all. Others cannot change them until the transaction ends. */
export function lockRuns(tx: Tx, instanceId: string, { withEnded }: { readonly withEnded: boolean }): Promise<RunRow[]> {
  const where = and(eq(escalationRuns.instanceId, instanceId), withEnded ? undefined : isNull(escalationRuns.endedAt));
  return named(
    "lockEscalationRuns",
    tx.select().from(escalationRuns).where(where).orderBy(asc(escalationRuns.startedAt), asc(escalationRuns.id)).for("update"),
  );
}

/** Returns the chains of SLA clocks, also those that have ended. */
export function lockRunsOfClocks(tx: Tx, clockIds: readonly string[]): Promise<RunRow[]> {
  return named(
    "lockEscalationRunsOfClocks",
    tx
      .select()
      .from(escalationRuns)
      .where(inArray(escalationRuns.clockId, [...clockIds]))
      .orderBy(asc(escalationRuns.startedAt), asc(escalationRuns.id))
      .for("update"),
  );
}

export async function lockRun(tx: Tx, id: string): Promise<RunRow | null> {
  const [row] = await named("lockEscalationRun", tx.select().from(escalationRuns).where(eq(escalationRuns.id, id)).for("update"));
  return row ?? null;
}

/** Counts a level before it is done: it is not due again, whatever it does. */
export async function advanceRun(tx: Tx, id: string, nextLevel: number): Promise<void> {
  await named("advanceEscalationRun", tx.update(escalationRuns).set({ nextLevel }).where(eq(escalationRuns.id, id)));
}

/** The instance after the change. `at`: when it changed; absent: now. */
export type RunOwner = { readonly id: string; readonly version: number; readonly at?: string };

/** Writes chains, and sets the timers of their next levels. */
export async function writeRuns(tx: Tx, instance: RunOwner, writes: readonly RunWrite[]): Promise<void> {
  if (writes.length > 0) await writeSla(tx, "writeEscalationRuns", chainRows(instance, writes));
}

/** Returns chains as `engine.write_clocks` takes them. */
export function chainRows({ id: instanceId, version, at }: RunOwner, writes: readonly RunWrite[]): SlaWrites {
  return {
    runs: writes.map(({ row }) => row),
    clearTimers: writes.filter(({ timer }) => timer !== undefined).map(({ row }) => ({ instanceId, runId: row.id, at })),
    setTimers: writes.flatMap(({ row, timer }) => {
      const { id: runId, chain: name, taskId, nextLevel: level } = row;
      return timer ? [{ id: newId(), instanceId, version, name, taskId, payload: { runId, level }, at, ...timer }] : [];
    }),
  };
}
