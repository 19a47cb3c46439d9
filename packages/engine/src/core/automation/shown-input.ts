/** The inputs of steps as people see them. They are derived again from what the run has stored, so that nothing more is stored. */
import type { Context } from "../conditions/context.js";
import type { StepGraph } from "../model/automation.js";
import type { Json, JsonObject } from "../model/json.js";
import type { RunSnapshot, StepSnapshot } from "../model/run.js";
import { boundedJson, CUT } from "./bounded-json.js";
import { hasEnded } from "./run-draft.js";
import { contextOfRun, factsOfRun } from "./run-context.js";
import { renderTemplate } from "./template.js";

/** Returns the input of a step with at most about this many characters. If there may be none, it is not rendered. */
export type ShownInput<S> = (step: S, maxChars: number) => Json;

/**
 * Returns a function that returns the input of a step of the run: what its templates have given. Each secret is replaced by `[secret name]` before the
 * templates are evaluated, so no part of its value can show. Null: the step has not begun, does its work for a list, or its input could not be rendered.
 */
export function shownInputs(graph: StepGraph, run: RunSnapshot): ShownInput<StepSnapshot> {
  const inputs = { ...run.inputs, ...masks(graph.secretInputs, "inputs.") };
  const context: Context = { ...contextOfRun(factsOfRun(graph, { ...run, inputs })), secrets: masks(graph.secrets, "") };
  return (step, maxChars) => {
    const rule = graph.steps.get(step.item?.of ?? step.id);
    if (!rule || !hasBegun(step) || (rule.each && step.item === null)) return null;
    if (maxChars <= 0) return CUT;
    const item = step.item && rule.each ? { [rule.each.as]: step.item.value, index: step.item.index } : {};
    const rendered = renderTemplate(rule.with, { ...context, ...item }, "with");
    return rendered.ok ? boundedJson(rendered.value, maxChars) : null;
  };
}

const masks = (names: ReadonlySet<string>, prefix: string): JsonObject =>
  Object.fromEntries([...names].map((name) => [name, `[secret ${prefix}${name}]`]));

/** Steps that need no worker have no attempt. */
const hasBegun = ({ status, attempt }: StepSnapshot): boolean =>
  attempt > 0 || status === "WAITING" || (hasEnded(status) && status !== "SKIPPED" && status !== "CANCELLED");
