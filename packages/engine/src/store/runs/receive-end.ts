/** The end of a run, and what it does to the instance. */
import type { Tx } from "@weft/platform/db";
import { type AnyNewEvent, appendEvents, type WriteMeta } from "@weft/platform/events";
import { isEnded } from "../../core/automation/run-draft.js";
import { endOfRun } from "../../core/automation/run-end.js";
import type { RunSnapshot } from "../../core/model/run.js";
import { receiveCall } from "../calls/receive.js";
import type { BatchWrite } from "../outcome/write-batch.js";
import { causedBy } from "./cause.js";
import { flushWrites, holdChange, holdsChanges, isChangeHeld } from "./held-writes.js";
import type { LoadedRun } from "./loaded-run.js";

/** What incidents and calls name the steps of a state. */
export const STEPS = "steps";

type EndOfRun = {
  readonly run: RunSnapshot;
  /** Events of the run. They come before those of the instance, which follow its versions. */
  readonly events: readonly AnyNewEvent[];
  /** Whether the change of the instance must be written at once. */
  readonly mustWrite: boolean;
};

/**
 * The end of a run acts on its instance in the same transaction. An instance that is suspended or has an incident receives it when it continues: that
 * change makes the run due.
 */
export async function receiveEnd(
  tx: Tx,
  meta: WriteMeta,
  loaded: LoadedRun,
  { run, events, mustWrite }: EndOfRun,
): Promise<{ readonly isReceived: boolean; readonly dueAt: string | null }> {
  const { row, stateRun, isCurrent } = loaded;
  const caused = causedBy(meta, row);
  const isReceived = run.status === "CANCELLED" && !isCurrent;
  if (isReceived || !isEnded(run.status)) {
    await appendEvents(tx, caused, events);
    return { isReceived, dueAt: null };
  }
  if (isChangeHeld(tx, row.instanceId)) {
    await flushWrites(tx);
    // Another run has changed the instance.
    loaded.read = null;
  }
  const hold = mustWrite || !holdsChanges(tx) ? undefined : (change: BatchWrite): void => holdChange(tx, change);
  const { status } = await receiveCall(tx, caused, {
    instanceId: row.instanceId,
    integration: STEPS,
    followUp: stateRun.followUp,
    settledVersion: row.instanceVersion,
    isSuperseded: false,
    isOneChange: true,
    ended: endOfRun(run),
    ...(loaded.read && { locked: loaded.read }),
    events,
    hold,
  });
  return { isReceived: status !== "WAITING", dueAt: null };
}
