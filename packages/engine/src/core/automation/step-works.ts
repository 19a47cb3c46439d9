/** What the steps of a machine do, and what undoes them. */
import type { Step, StepGraph, ValueTemplate, Work } from "../model/automation.js";
import type { Machine } from "../model/machine.js";
import type { Path } from "../model/problems.js";
import { asJsonObject } from "../model/values.js";

/** Steps of a machine, and where they are written. */
export type PlacedGraph = { readonly graph: StepGraph; readonly path: Path };

/** Returns the graphs of a machine. Those of an automation are written at the top. */
export const graphsOf = ({ states }: Machine): readonly PlacedGraph[] =>
  [...states.values()].flatMap(({ name, run }) =>
    run ? [{ graph: run.graph, path: run.graph.root === "inputs" ? [] : ["states", name, "run"] }] : [],
  );

export type PlacedStep = { readonly step: Step; readonly path: Path };

/** Returns the steps of all graphs, each with its place. */
export const stepsOf = (machine: Machine): readonly PlacedStep[] =>
  graphsOf(machine).flatMap(({ graph, path }) =>
    [...graph.steps.values()].map((step, index) => ({ step, path: [...path, "steps", index] })),
  );

export type StepWork = PlacedStep & { readonly work: Work };

/** Returns the work of all steps, and that of their compensations, each with its place. */
export const worksOfSteps = (machine: Machine): readonly StepWork[] => stepsOf(machine).flatMap(worksOfStep);

/** The same of one step. */
export const worksOfStep = ({ step, path }: PlacedStep): readonly StepWork[] =>
  worksOf(step).map((work) => ({ step, work, path: work === step ? path : [...path, "compensate"] }));

/** Returns the work of a step, and that of its compensation. */
export const worksOf = (step: Step): readonly Work[] => (step.compensate ? [step, step.compensate] : [step]);

/** Returns the member of an object, whose value can be computed. Null if there is none. */
export function memberOf(template: ValueTemplate, name: string): ValueTemplate | null {
  if (template.kind === "object") return template.members.find(([member]) => member === name)?.[1] ?? null;
  const value = template.kind === "value" ? asJsonObject(template.value)?.[name] : undefined;
  return value === undefined ? null : { kind: "value", value };
}

/** Returns a member that is a constant text. Null if it is computed, or there is none. */
export function textOf(template: ValueTemplate, name: string): string | null {
  const member = memberOf(template, name);
  return member?.kind === "value" && typeof member.value === "string" ? member.value : null;
}
