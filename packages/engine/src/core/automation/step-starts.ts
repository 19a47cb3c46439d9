/** The definitions that the steps of a machine start, as far as their keys are known before a run. */
import type { StateRun, ValueTemplate, Work } from "../model/automation.js";
import type { Machine } from "../model/machine.js";
import type { Path } from "../model/problems.js";
import { isAutomation } from "./child-runs.js";

export type StepStart = { readonly key: string; readonly path: Path };

/** Returns the keys, each with its place. */
export function startsOfSteps(machine: Machine): readonly StepStart[] {
  return [...machine.states.values()].flatMap(({ name, run }) =>
    run ? startsOfGraph(run, isAutomation(machine) ? ["steps"] : ["states", name, "run", "steps"]) : [],
  );
}

const startsOfGraph = ({ graph }: StateRun, path: Path): readonly StepStart[] =>
  [...graph.steps.values()].flatMap((step, index) => {
    const at = [...path, index];
    const fallback = step.onFailure.workflow;
    return [
      ...keyOf(step, at),
      ...(step.compensate ? keyOf(step.compensate, [...at, "compensate"]) : []),
      ...(fallback ? [{ key: fallback.key, path: [...at, "on_failure", "workflow"] }] : []),
    ];
  });

function keyOf({ type, with: input }: Work, path: Path): readonly StepStart[] {
  const value = type === "workflow" ? memberOf(input, "key") : null;
  return value?.kind === "value" && typeof value.value === "string" ? [{ key: value.value, path: [...path, "with", "key"] }] : [];
}

const memberOf = (template: ValueTemplate, name: string): ValueTemplate | null =>
  template.kind === "object" ? (template.members.find(([member]) => member === name)?.[1] ?? null) : null;
