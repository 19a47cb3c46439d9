/**
 * Automation: reads graphs of steps, decides what an event does to a run of one, and renders the inputs of steps.
 * This module never does a step's work, never reads a secret, and never looks at a clock.
 */
import { readObject, type Source } from "../document/reader.js";
import type { Step, StepGraph, StepType, ValueTemplate } from "../model/automation.js";
import { isForbiddenKey, quote, type Path, type ProblemList } from "../model/problems.js";
import { AUTOMATION_NAME } from "./names.js";
import { orderSteps } from "./order.js";
import { readProfile } from "./profiles/written.js";
import { NO_QUEUE, readQueueing } from "./queues.js";
import { scopeOf, type GraphInputs, type StepReading } from "./scope.js";
import { readCount, readStep } from "./steps.js";
import { readTemplate } from "./template.js";
import { STEP_TYPES } from "./types/step-types.js";
import { readDependencies, writtenSteps } from "./written-steps.js";

const MAX_OUTPUTS = 100;
const CONCURRENCY = 20;

type GraphSurroundings = { readonly inputs: GraphInputs; readonly types?: ReadonlyMap<string, StepType> | undefined };

/** Reads `steps`, `outputs`, `concurrency` and `profile` of the object at `path`. Null if the steps have no order, which is reported. */
export function readGraph(problems: ProblemList, source: Source, path: Path, surroundings: GraphSurroundings): StepGraph | null {
  const walk = readGraphSteps(problems, source, path, surroundings);
  for (;;) {
    const next = walk.next();
    if (next.done === true) return next.value;
  }
}

/** `readGraph` with a pause after each step. */
export function* readGraphSteps(
  problems: ProblemList,
  source: Source,
  path: Path,
  { inputs, types = STEP_TYPES }: GraphSurroundings,
): Generator<void, StepGraph | null, void> {
  const written = writtenSteps(problems, source["steps"], [...path, "steps"]);
  const dependencies = readDependencies(problems, written);
  const ordered = orderSteps(dependencies);
  if (!ordered.ok) reportCircle(problems, ordered.circle, written, path);
  // Without an order, nobody knows what has ended before a step. It then counts as able to read all others, so that only real problems are reported.
  const all = new Set(dependencies.keys());
  const before = ordered.ok ? ordered.before : new Map([...all].map((id) => [id, all]));
  const queueing = readQueueing(problems, source, path, NO_QUEUE);
  const reading: StepReading = { problems, types, inputs, written, queueing, before, secrets: new Set(), nodes: new Map() };
  const steps = new Map<string, Step>();
  for (const one of written) {
    yield;
    if (problems.isFull()) break;
    const step = readStep(reading, one, dependencies.get(one.id) ?? []);
    if (step) steps.set(step.id, step);
  }
  const rest = {
    outputs: readOutputs(reading, source["outputs"], [...path, "outputs"]),
    concurrency: readCount(problems, source, "concurrency", path, CONCURRENCY),
    profile: readProfile(problems, source["profile"], [...path, "profile"]),
  };
  if (!ordered.ok) return null;
  return {
    root: inputs.root,
    secretInputs: inputs.secrets,
    secretSchema: inputs.secretSchema ?? null,
    steps,
    order: ordered.order,
    secrets: reading.secrets,
    ...rest,
  };
}

function reportCircle(problems: ProblemList, ids: readonly string[], written: StepReading["written"], path: Path): void {
  const [first = ""] = ids;
  const at = written.find(({ id }) => id === first)?.path ?? path;
  const circle = [...ids, first].map((id) => quote(id)).join(" → ");
  problems.add([...at, "depends_on"], "BAD_VALUE", `These steps wait for each other: ${circle}.`);
}

function readOutputs(reading: StepReading, value: unknown, path: Path): readonly (readonly [string, ValueTemplate])[] {
  if (value === undefined) return [];
  const { problems } = reading;
  const source = readObject(problems, value, path, null);
  const entries = Object.entries(source ?? {});
  if (entries.length > MAX_OUTPUTS) problems.add(path, "TOO_LARGE", `There are ${entries.length} outputs; the maximum is ${MAX_OUTPUTS}.`);
  const scope = scopeOf(reading, new Set(reading.written.map(({ id }) => id)));
  return entries.slice(0, MAX_OUTPUTS).flatMap(([name, template]): (readonly [string, ValueTemplate])[] => {
    const where = [...path, name];
    if (!AUTOMATION_NAME.test(name) || isForbiddenKey(name))
      problems.add(where, "BAD_VALUE", `${quote(name)} is not a valid name of an output.`);
    const read = readTemplate(problems, template, where, scope);
    return read ? [[name, read]] : [];
  });
}
