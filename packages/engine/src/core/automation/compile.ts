/**
 * Automation: compiles a definition of the kind `automation`, decides what its steps do next, and renders their inputs.
 * This room never does a step's work, never reads a secret, and never looks at a clock.
 */
import { DEFINITION_KEY, readObject, readText } from "../document/reader.js";
import type { Automation, Step, StepType, ValueTemplate } from "../model/automation.js";
import type { CompileOptions } from "../model/compile-options.js";
import { isForbiddenKey, problemList, quote, type Problem, type ProblemList } from "../model/problems.js";
import { findUnfit } from "../model/values.js";
import { readInputs } from "./inputs.js";
import { orderSteps } from "./order.js";
import { scopeOf, type StepReading } from "./scope.js";
import { readCount, readStep } from "./steps.js";
import { readTemplate } from "./template.js";
import { STEP_TYPES } from "./types/step-types.js";
import { readDependencies, STEP_ID, writtenSteps } from "./written-steps.js";

export type AutomationResult =
  | { readonly ok: true; readonly automation: Automation }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const KEYS = ["weft", "kind", "key", "name", "description", "inputs", "steps", "outputs", "concurrency"];
const LIMITS = { maxNodes: 50_000, maxDepth: 48, maxChars: 1024 * 1024 };
const MAX_OUTPUTS = 100;

/**
 * Compiles a parsed automation, or returns every problem in it, at most 100. Never throws because of the content of the document.
 * @param types the step types that it can use; those of Weft if omitted
 */
export function compileAutomation(
  source: unknown,
  options: CompileOptions = {},
  types: ReadonlyMap<string, StepType> = STEP_TYPES,
): AutomationResult {
  const problems = problemList(options);
  for (const { path, code, message } of findUnfit(source, [], LIMITS)) problems.add(path, code, message);
  const automation = problems.problems.length > 0 ? null : readAutomation(source, problems, types);
  return automation && problems.problems.length === 0 ? { ok: true, automation } : { ok: false, problems: problems.problems };
}

function readAutomation(document: unknown, problems: ProblemList, types: ReadonlyMap<string, StepType>): Automation | null {
  const source = readObject(problems, document, [], KEYS);
  if (!source) return null;
  if (source["weft"] !== 1)
    problems.add(
      ["weft"],
      source["weft"] === undefined ? "MISSING" : "BAD_VALUE",
      "The first key must be weft: 1, the version of this format.",
    );
  if (source["kind"] !== "automation") problems.add(["kind"], "BAD_VALUE", "An automation has kind: automation.");
  const key = readText(problems, source, "key", [], {
    maxChars: 64,
    isRequired: true,
    pattern: DEFINITION_KEY,
    like: "deploy-application",
  });
  const name = readText(problems, source, "name", [], { maxChars: 200, isRequired: true, like: "Deploy application" });
  const description = readText(problems, source, "description", [], { maxChars: 2000 });
  const inputs = readInputs(problems, source["inputs"], ["inputs"]);
  const written = writtenSteps(problems, source["steps"]);
  const dependencies = readDependencies(problems, written);
  const ordered = orderSteps(dependencies);
  if (!ordered.ok) {
    const [first = ""] = ordered.circle;
    const at = written.findIndex(({ id }) => id === first);
    const circle = [...ordered.circle, first].map((id) => quote(id)).join(" → ");
    problems.add(["steps", at, "depends_on"], "BAD_VALUE", `These steps wait for each other: ${circle}.`);
    return null;
  }
  const reading: StepReading = { problems, types, inputs, written, before: ordered.before, secrets: new Set() };
  const steps = new Map<string, Step>();
  for (const one of written) {
    if (problems.isFull()) break;
    const step = readStep(reading, one, dependencies.get(one.id) ?? []);
    if (step) steps.set(step.id, step);
  }
  const outputs = readOutputs(reading, source["outputs"]);
  const concurrency = readCount(problems, source, "concurrency", [], 20);
  if (key === null || name === null || inputs === null) return null;
  return {
    key,
    name,
    description,
    inputs: inputs.schema,
    secretInputs: inputs.secrets,
    steps,
    order: ordered.order,
    outputs,
    concurrency,
    secrets: reading.secrets,
  };
}

function readOutputs(reading: StepReading, value: unknown): readonly (readonly [string, ValueTemplate])[] {
  if (value === undefined) return [];
  const { problems } = reading;
  const source = readObject(problems, value, ["outputs"], null);
  const entries = Object.entries(source ?? {});
  if (entries.length > MAX_OUTPUTS)
    problems.add(["outputs"], "TOO_LARGE", `There are ${entries.length} outputs; the maximum is ${MAX_OUTPUTS}.`);
  const scope = scopeOf(reading, new Set(reading.written.map(({ id }) => id)));
  return entries.slice(0, MAX_OUTPUTS).flatMap(([name, template]): (readonly [string, ValueTemplate])[] => {
    const path = ["outputs", name];
    if (!STEP_ID.test(name) || isForbiddenKey(name)) problems.add(path, "BAD_VALUE", `${quote(name)} is not a valid name of an output.`);
    const read = readTemplate(problems, template, path, scope);
    return read ? [[name, read]] : [];
  });
}
