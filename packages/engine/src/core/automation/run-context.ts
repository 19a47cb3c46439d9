/** What the expressions of a run read: the results of its steps. */
import type { Context } from "../conditions/context.js";
import type { StepGraph, Work } from "../model/automation.js";
import { pathText } from "../model/condition.js";
import type { Json, JsonObject } from "../model/json.js";
import type { CompiledSchema } from "../model/schema.js";
import { asJsonObject } from "../model/values.js";
import type { InputProblem } from "../model/rejection.js";
import type { RunSnapshot, StepSnapshot } from "../model/run.js";
import { hasEnded, type RunDraft } from "./run-draft.js";
import { validateData } from "../schema/validate.js";
import { pathsOfTemplate, renderTemplate, type Rendered } from "./template.js";

type RunFacts = Pick<RunDraft, "graph" | "inputs" | "facts" | "all" | "ruleOf">;

/** Returns what expressions of a run read, without a draft. */
export const factsOfRun = (graph: StepGraph, { inputs, facts, steps }: RunSnapshot): RunFacts => ({
  graph,
  inputs,
  facts,
  all: () => steps.values(),
  ruleOf: (id) => graph.steps.get(steps.get(id)?.item?.of ?? id),
});

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
 * Returns the input of a step's work, or of the work that undoes it, with its expressions evaluated. It matches the schema of the step type.
 * @param secrets the values of the secrets that the graph reads, by name
 */
export function inputOfWork(
  graph: StepGraph,
  run: RunSnapshot,
  { step, work }: { readonly step: StepSnapshot; readonly work: Work },
  secrets: JsonObject,
): Rendered {
  const rendered = renderTemplate(work.with, contextOfStep(factsOfRun(graph, run), step, secrets), "with");
  if (!rendered.ok) return rendered;
  const value = withTexts(work.schema, rendered.value);
  const problems = validateData(work.schema, value, "with");
  return problems.length > 0
    ? { ok: false, problems: problems.map((problem) => withoutSecret(graph, work, problem)) }
    : { ok: true, value };
}

/** Numbers and truth values become texts in maps of texts, such as an environment or headers. */
function withTexts({ root }: CompiledSchema, value: Json): Json {
  const members = Object.entries(asJsonObject(value) ?? {}).map(([name, member]): readonly [string, Json] => {
    const { additional = false } = root.properties.get(name) ?? {};
    const map = typeof additional === "object" && additional.types?.has("string") ? asJsonObject(member) : null;
    return [name, map ? Object.fromEntries(Object.entries(map).map(([key, one]) => [key, textOf(one)])) : member];
  });
  return Object.fromEntries(members);
}

const textOf = (value: Json): Json => (typeof value === "number" || typeof value === "boolean" ? String(value) : value);

/** Problems quote values, so those of members that contain secrets are not told. */
function withoutSecret({ root, secretInputs }: StepGraph, { with: input }: Work, problem: InputProblem): InputProblem {
  const members = input.kind === "object" ? input.members : [];
  const isSecret = ([at = "", name = ""]: readonly string[]): boolean => at === "secrets" || (at === root && secretInputs.has(name));
  const secret = members.filter(([, member]) => pathsOfTemplate(member).some(isSecret)).map(([name]) => pathText(["with", name]));
  return secret.some((path) => problem.path.startsWith(path))
    ? { path: problem.path, message: "The value, which contains a secret, does not match the schema of the step type." }
    : problem;
}
