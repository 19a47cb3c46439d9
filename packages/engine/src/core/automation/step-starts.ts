/** The definitions that the steps of a machine start, as far as their keys are known before a run. */
import type { Work } from "../model/automation.js";
import type { Machine } from "../model/machine.js";
import type { Path } from "../model/problems.js";
import { memberOf, stepsOf } from "./step-works.js";

export type StepStart = { readonly key: string; readonly path: Path };

/** Returns the keys, each with its place. */
export const startsOfSteps = (machine: Machine): readonly StepStart[] =>
  stepsOf(machine).flatMap(({ step, path }) => {
    const fallback = step.onFailure.workflow;
    return [
      ...keyOf(step, path),
      ...(step.compensate ? keyOf(step.compensate, [...path, "compensate"]) : []),
      ...(fallback ? [{ key: fallback.key, path: [...path, "on_failure", "workflow"] }] : []),
    ];
  });

function keyOf({ type, with: input }: Work, path: Path): readonly StepStart[] {
  const value = type === "workflow" ? memberOf(input, "key") : null;
  return value?.kind === "value" && typeof value.value === "string" ? [{ key: value.value, path: [...path, "with", "key"] }] : [];
}
