/** The definitions that the steps of a machine start, as far as their keys are known before a run. */
import type { Machine } from "../model/machine.js";
import type { Path } from "../model/problems.js";
import { stepsOf, textOf, worksOfStep, type StepWork } from "./step-works.js";

export type StepStart = { readonly key: string; readonly path: Path };

/** Returns the keys, each with its place. */
export const startsOfSteps = (machine: Machine): readonly StepStart[] =>
  stepsOf(machine).flatMap((placed) => {
    const { step, path } = placed;
    const fallback = step.onFailure.workflow;
    return [
      ...worksOfStep(placed).flatMap(startOf),
      ...(fallback ? [{ key: fallback.key, path: [...path, "on_failure", "workflow"] }] : []),
    ];
  });

function startOf({ work, path }: StepWork): readonly StepStart[] {
  const key = work.type === "workflow" ? textOf(work.with, "key") : null;
  return key === null ? [] : [{ key, path: [...path, "with", "key"] }];
}
