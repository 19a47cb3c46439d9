import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { advanceRun } from "./advance-run.js";
import type { LoadedRun } from "./loaded-run.js";

/**
 * Pauses the run of a suspended instance, and resumes it when the instance goes on. A run that somebody has paused stays paused. The suspension makes the
 * run due, and a worker calls this under the lock of the instance before it takes a step, so no step begins after the suspension is committed.
 */
export async function followSuspension(tx: Tx, meta: WriteMeta, loaded: LoadedRun): Promise<void> {
  const { row, run, head, isCurrent } = loaded;
  if (!isCurrent || !row.hasBegun) return;
  const isSuspended = head.status === "SUSPENDED";
  if (isSuspended && run.status === "RUNNING") await advanceRun(tx, meta, loaded, { events: [{ kind: "pause" }], isSuspended });
  if (!isSuspended && row.isSuspended && run.status === "PAUSED")
    await advanceRun(tx, meta, loaded, { events: [{ kind: "resume" }], isSuspended });
}
