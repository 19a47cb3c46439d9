/** What the steps of a machine do, and what undoes them. */
import type { Step, ValueTemplate, Work } from "../model/automation.js";
import type { Machine } from "../model/machine.js";
import type { Path } from "../model/problems.js";
import { asJsonObject } from "../model/values.js";
import { isAutomation } from "./child-runs.js";

export type StepWork = { readonly step: Step; readonly work: Work; readonly path: Path };

/** Returns the steps of all runs, each with its place. */
export const stepsOf = (machine: Machine): readonly { readonly step: Step; readonly path: Path }[] =>
  [...machine.states.values()].flatMap(({ name, run }) => {
    const at = isAutomation(machine) ? ["steps"] : ["states", name, "run", "steps"];
    return [...(run?.graph.steps.values() ?? [])].map((step, index) => ({ step, path: [...at, index] }));
  });

/** Returns the work of all steps, and that of their compensations. */
export const worksOfSteps = (machine: Machine): readonly StepWork[] =>
  stepsOf(machine).flatMap(({ step, path }) => [
    { step, work: step, path },
    ...(step.compensate ? [{ step, work: step.compensate, path: [...path, "compensate"] }] : []),
  ]);

/** Returns the member of an object, whose value can be computed. Null if there is none. */
export function memberOf(template: ValueTemplate, name: string): ValueTemplate | null {
  if (template.kind === "object") return template.members.find(([member]) => member === name)?.[1] ?? null;
  const value = template.kind === "value" ? asJsonObject(template.value)?.[name] : undefined;
  return value === undefined ? null : { kind: "value", value };
}
