import type { StateRun } from "../../core/model/automation.js";
import type { RunSnapshot } from "../../core/model/run.js";
import type { RunRow, RunStepRow } from "./runs.store.js";

/** A run in memory, under its lock and that of its instance and the ancestors of the instance. */
export type LoadedRun = {
  readonly row: RunRow;
  readonly stateRun: StateRun;
  readonly run: RunSnapshot;
  readonly rows: ReadonlyMap<string, RunStepRow>;
  /** Whether the instance is still in the visit of the state that started the run. */
  readonly isCurrent: boolean;
  readonly now: string;
};
