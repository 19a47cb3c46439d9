/** Writes of runs that a transaction holds back, so that it writes several runs, or one run after several events, in one statement. */
import type { Tx } from "@weft/shared";
import { sumUsage } from "./attempts.js";
import { writeRuns, type RunWrite } from "./runs.store.js";

const held = new WeakMap<Tx, Map<string, RunWrite>>();

/** Holds the transaction's writes of runs back until `flushWrites`. */
export const holdWrites = (tx: Tx): void => void held.set(tx, new Map());

/** Writes a run and its changed steps, now or with the writes that are held back. */
export async function writeRun(tx: Tx, write: RunWrite): Promise<void> {
  const writes = held.get(tx);
  if (!writes) return writeRuns(tx, [write]);
  const earlier = writes.get(write.id);
  writes.set(write.id, earlier ? merged(earlier, write) : write);
}

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

/** Writes what is held back. Runs must not be read before. */
export async function flushWrites(tx: Tx): Promise<void> {
  const writes = held.get(tx);
  if (!writes || writes.size === 0) return;
  const all = [...writes.values()];
  writes.clear();
  await writeRuns(tx, all);
}
