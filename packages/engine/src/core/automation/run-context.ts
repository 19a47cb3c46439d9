/** What the expressions of a run read: the results of its steps. */
import type { Context } from "../conditions/context.js";
import type { StepGraph, Work } from "../model/automation.js";
import type { JsonObject } from "../model/json.js";
import type { RunSnapshot, StepSnapshot } from "../model/run.js";
import { hasEnded, type RunDraft } from "./run-draft.js";
import { renderTemplate, type Rendered } from "./template.js";

type RunFacts = Pick<RunDraft, "graph" | "inputs" | "facts" | "all" | "ruleOf">;

/** Returns the values that the expressions of a step, or of one of its items, read. `secrets` are those that it can read. */
export function contextOfStep(run: RunFacts, step: StepSnapshot, secrets: JsonObject = {}): Context {
  const rule = run.ruleOf(step.id);
  const item = step.item && rule?.each ? { [rule.each.as]: step.item.value, index: step.item.index } : {};
  return { ...contextOfRun(run), ...item, secrets };
}

/** Returns the values that expressions of the run itself read. Steps that have not ended are absent. */
export function contextOfRun({ graph, inputs, facts, all }: RunFacts): Context {
  const steps: Record<string, JsonObject> = {};
  for (const step of all()) if (step.item === null && isVisible(step)) steps[step.id] = shownStep(step);
  return { [graph.root]: inputs, run: facts, steps };
}

/** A step that falls back shows the error that its automation handles. */
const isVisible = ({ status, isFallback }: StepSnapshot): boolean => hasEnded(status) || isFallback;

function shownStep({ status, attempt, outputs, error }: StepSnapshot): JsonObject {
  const code = outputs?.["exit_code"];
  return {
    status,
    attempts: attempt,
    ...(outputs && { outputs }),
    ...(code !== undefined && { exit_code: code }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}

/**
 * Returns the input of a step's work, or of the work that undoes it, with its expressions evaluated.
 * @param secret the values that the work reads by name: secrets of the tenant, and secret inputs of the run
 */
export function inputOfWork(
  graph: StepGraph,
  run: RunSnapshot,
  { step, work }: { readonly step: StepSnapshot; readonly work: Work },
  secret: { readonly secrets: JsonObject; readonly inputs: JsonObject },
): Rendered {
  const facts: RunFacts = {
    graph,
    inputs: { ...run.inputs, ...secret.inputs },
    facts: run.facts,
    all: () => run.steps.values(),
    ruleOf: (id) => graph.steps.get(run.steps.get(id)?.item?.of ?? id),
  };
  return renderTemplate(work.with, contextOfStep(facts, step, secret.secrets), "with");
}
