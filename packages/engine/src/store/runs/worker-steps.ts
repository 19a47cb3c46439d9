/** Which ready steps are for workers of Weft, and which for external ones. */
import type { StepSnapshot } from "../../core/model/run.js";
import { workerTaskOf } from "../../core/automation/types/worker.js";
import type { LoadedRun } from "./loaded-run.js";
import { attemptOf } from "./transactional-work.js";

/** Whether a worker takes a step that is ready. */
export type TakesStep = (loaded: Pick<LoadedRun, "stateRun">, step: StepSnapshot) => boolean;

/** Returns the task under which external workers take the next attempt of a step. Null: a worker of Weft takes it. */
export function taskOffered(loaded: Pick<LoadedRun, "stateRun">, step: StepSnapshot): string | null {
  const work = attemptOf(loaded, step)?.work;
  return work ? workerTaskOf(work) : null;
}

export const isOfWeft: TakesStep = (loaded, step) => taskOffered(loaded, step) === null;

/** Takes the steps of these tasks. */
export const isOfTasks =
  (tasks: ReadonlySet<string>): TakesStep =>
  (loaded, step) => {
    const task = taskOffered(loaded, step);
    return task !== null && tasks.has(task);
  };
