import { shownInputs, type ShownInput } from "../../core/automation/shown-input.js";
import type { StateRun } from "../../core/model/automation.js";
import type { JsonObject } from "../../core/model/json.js";
import type { RunSnapshot } from "../../core/model/run.js";
import { factsOf, snapshotOfStep, type RunRow, type RunStepRow } from "./runs.store.js";

export type StoredRun = {
  readonly stateRun: StateRun;
  readonly row: RunRow;
  /** UUID of the owner of the instance. */
  readonly ownerId: string;
  /** All steps of the run. */
  readonly steps: readonly RunStepRow[];
};

/**
 * Returns a function that returns the input of a step of a run, as `shownInputs` does. Null as well for a step whose result was taken over from the run
 * that this one continues: its input is that of the earlier run.
 */
export function inputsOfStoredRun({ stateRun, row, ownerId, steps }: StoredRun): ShownInput<RunStepRow> {
  const run: RunSnapshot = {
    status: row.status as RunSnapshot["status"],
    ending: row.ending as RunSnapshot["ending"],
    inputs: row.inputs as JsonObject,
    facts: factsOf({ id: row.id, startedAt: row.createdAt, ownerId }),
    steps: new Map(steps.map((step) => [step.step, snapshotOfStep(step)])),
    outputs: row.outputs as JsonObject | null,
  };
  const inputOf = shownInputs(stateRun.graph, run);
  return (step, maxChars) => (isTakenOver(row, step) ? null : inputOf(snapshotOfStep(step), maxChars));
}

/** What was taken over had ended before the run began. Both times are those of the database. */
const isTakenOver = ({ retriedFromId, beganAt }: RunRow, { finishedAt }: RunStepRow): boolean =>
  retriedFromId !== null && finishedAt !== null && (beganAt === null || Date.parse(finishedAt) < Date.parse(beganAt));
