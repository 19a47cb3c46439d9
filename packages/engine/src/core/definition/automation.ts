/** Definitions of the kind `automation`: a machine with one working state, whose steps decide how the instance ends. */
import { readGraphSteps } from "../automation/graph.js";
import { QUEUE_KEYS } from "../automation/queues.js";
import { readInputs, type Inputs } from "../automation/inputs.js";
import { OUTPUTS } from "../automation/child-runs.js";
import { STEP_TYPES } from "../automation/types/step-types.js";
import { readAutomationScenarios } from "../scenarios/read-automation.js";
import { readHead } from "./head.js";
import { readObject, type Source } from "../document/reader.js";
import type { StateRun } from "../model/automation.js";
import type { CompileOptions } from "../model/compile-options.js";
import type { JsonObject } from "../model/json.js";
import type { Machine, MachineState, Transition } from "../model/machine.js";
import type { ProblemList } from "../model/problems.js";
import type { CompiledSchema } from "../model/schema.js";
import type { FinalKind } from "../model/snapshot.js";
import { compileObjectSchema } from "../schema/compile.js";

export const AUTOMATION = "automation";
const KEYS = [
  "weft",
  "kind",
  "key",
  "name",
  "description",
  "inputs",
  "steps",
  "outputs",
  "concurrency",
  "profile",
  "scenarios",
  ...QUEUE_KEYS,
];

/** Reads a document with `kind: automation`, with a pause after each step. Null if it has problems. */
export function* readAutomation(document: Source, problems: ProblemList, options: CompileOptions): Generator<void, Machine | null, void> {
  const source = readObject(problems, document, [], KEYS);
  if (!source) return null;
  const { key, name, description } = readHead(problems, source);
  const inputs = readInputs(problems, source["inputs"], ["inputs"], options);
  const secretSchema = inputs?.isValid && inputs.secrets.size > 0 ? schemaOf(inputs, (name) => inputs.secrets.has(name), problems) : null;
  const graph = yield* readGraphSteps(problems, source, [], {
    inputs: { root: "inputs", schema: inputs?.schema ?? null, secrets: inputs?.secrets ?? new Set(), secretSchema },
    types: options.stepTypes,
  });
  const data = inputs?.isValid ? dataOf(inputs, problems) : null;
  // Instances do not need scenarios, so a key that a later release renames must not stop them.
  const isRead = graph !== null && !options.isPublished;
  const types = options.stepTypes ?? STEP_TYPES;
  const automationScenarios = isRead ? readAutomationScenarios({ problems, graph, types }, source["scenarios"]) : [];
  if (key === null || name === null || !graph || !data) return null;
  const followUp: StateRun["followUp"] = { into: [OUTPUTS], onSuccess: "succeed", onFailure: "fail" };
  return {
    key,
    name,
    description,
    initial: "running",
    states: new Map([
      ["running", stateOf("running", "Running", { run: { graph, followUp } })],
      ["succeeded", stateOf("succeeded", "Succeeded", { final: "completed" })],
      ["failed", stateOf("failed", "Failed", { final: "rejected" })],
    ]),
    data,
    forms: new Map(),
    tasks: new Map(),
    separated: new Set(),
    usesTimers: false,
    index: [],
    usesCalendars: false,
    calendar: null,
    namedCalendars: [],
    calendars: null,
    slas: new Map(),
    escalations: new Map(),
    scenarios: [],
    isAutomation: true,
    automationScenarios,
    showId: options.showId,
    readId: options.readId,
  };
}

/** The data of an instance is its inputs, and later the outputs. Secret inputs are not part of it: they are sealed with the run. */
function dataOf(inputs: Inputs, problems: ProblemList): CompiledSchema | null {
  const outputs = { type: "object", additionalProperties: true };
  return schemaOf(inputs, (name) => !inputs.secrets.has(name), problems, { [OUTPUTS]: outputs });
}

/** The schema of some of the inputs. */
function schemaOf(
  { schema }: Inputs,
  isWanted: (name: string) => boolean,
  problems: ProblemList,
  more: JsonObject = {},
): CompiledSchema | null {
  const { properties, required } = schema.source as { readonly properties: JsonObject; readonly required: readonly string[] };
  const wanted = Object.fromEntries(Object.entries(properties).filter(([name]) => isWanted(name)));
  const source = { ...schema.source, properties: { ...wanted, ...more }, required: required.filter(isWanted) };
  return compileObjectSchema(source, ["inputs"], problems);
}

function stateOf(
  name: string,
  title: string,
  { run = null, final = null }: { readonly run?: StateRun | null; readonly final?: FinalKind | null },
): MachineState {
  const transitions = run ? [transitionOf("succeed", "Succeed", "succeeded"), transitionOf("fail", "Fail", "failed")] : [];
  return {
    name,
    title,
    final,
    isClosed: false,
    transitions: new Map(transitions.map((transition) => [transition.name, transition])),
    tasks: [],
    decide: null,
    children: [],
    join: null,
    run,
    timers: new Map(),
    onEntry: [],
    onExit: [],
  };
}

/** Only the end of the run fires it. */
const transitionOf = (name: string, title: string, to: string): Transition => ({
  name,
  title,
  to,
  isAutomatic: true,
  isTimed: true,
  allow: null,
  when: null,
  requiresComment: false,
  input: null,
  form: null,
  actions: [],
});
