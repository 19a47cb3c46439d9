/** Writes of runs that a transaction holds back, so that it writes several runs, or one run after several events, in one statement. */
import type { Tx } from "@weft/platform/db";
import type { BatchWrite } from "../outcome/write-batch.js";
import { sumUsage } from "./attempts.js";
import { writeRuns, type RunWrite, type RunWrites } from "./runs.store.js";

type Held = {
  readonly runs: Map<string, RunWrite>;
  /** The changes of instances that the ends of these runs cause, by instance. Null: they are written at once. */
  readonly changes: Map<string, BatchWrite> | null;
};

const held = new WeakMap<Tx, Held>();

/**
 * Holds the transaction's writes of runs back until `flushWrites`.
 * @param options.withChanges whether changes of instances are held back too. They are not written if another transaction has locked a task.
 */
export const holdWrites = (tx: Tx, { withChanges }: { readonly withChanges: boolean }): void =>
  void held.set(tx, { runs: new Map(), changes: withChanges ? new Map() : null });

/** Writes a run and its changed steps, now or with the writes that are held back. */
export async function writeRun(tx: Tx, write: RunWrite): Promise<void> {
  const writes = held.get(tx)?.runs;
  if (!writes) return writeRuns(tx, { writes: [write], changes: [] }, { isLast: false });
  const earlier = writes.get(write.id);
  writes.set(write.id, earlier ? merged(earlier, write) : write);
}

/** Whether the transaction holds changes of instances back. */
export const holdsChanges = (tx: Tx): boolean => Boolean(held.get(tx)?.changes);

/** Whether a change of the instance is held back. Each can have one. */
export const isChangeHeld = (tx: Tx, instanceId: string): boolean => held.get(tx)?.changes?.has(instanceId) === true;

/** Holds a change of an instance back, which is caused by the end of a run whose write follows. */
export const holdChange = (tx: Tx, change: BatchWrite): void => void held.get(tx)?.changes?.set(change.before.id, change);

const merged = (earlier: RunWrite, later: RunWrite): RunWrite => ({
  ...later,
  base: earlier.base,
  steps: [...new Map([...earlier.steps, ...later.steps].map((one) => [one.step.id, one])).values()],
  attempts: earlier.attempts + later.attempts,
  past: [...earlier.past, ...later.past],
  usage: sumUsage(earlier.usage, later.usage),
  profile: later.profile ?? earlier.profile,
  isSuspended: later.isSuspended ?? earlier.isSuspended,
});

/** Takes what is held back, which is then written by the caller. */
export function takeHeldWrites(tx: Tx): RunWrites {
  const writes = held.get(tx);
  const taken = { writes: [...(writes?.runs.values() ?? [])], changes: [...(writes?.changes?.values() ?? [])] };
  writes?.runs.clear();
  writes?.changes?.clear();
  return taken;
}

/** Writes what is held back. Neither runs nor their instances must be read or changed before. */
export async function flushWrites(tx: Tx): Promise<void> {
  if (held.get(tx)?.runs.size) await writeRuns(tx, takeHeldWrites(tx), { isLast: false });
}

/** Writes what is held back together with the commit. Nothing can follow in the transaction. */
export async function flushAtEnd(tx: Tx): Promise<void> {
  if (held.get(tx)?.runs.size) await writeRuns(tx, takeHeldWrites(tx), { isLast: true });
}
