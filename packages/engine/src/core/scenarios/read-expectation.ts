import { readObject, type Source } from "../document/reader.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import { readMoment } from "./read-people.js";
import { findCall, findChildRule, findPerson, findTask, readData, type ScenarioReading } from "./reading.js";
import {
  CALL_OUTCOMES,
  INCIDENT_KINDS,
  INSTANCE_STATUSES,
  LEVEL_OUTCOMES,
  SLA_STATUSES,
  type Expectation,
  type ExpectedCall,
  type ExpectedClock,
  type ExpectedLevel,
  type ExpectedTask,
  type Given,
} from "../model/scenarios/scenario.js";

const KEYS = ["state", "status", "path", "tasks", "data", "children", "incident", "sla", "escalations", "calls"];
const CLOCK_KEYS = ["status", "due"];
const LEVEL_KEYS = ["escalation", "level", "outcome"];
const CALL_KEYS = ["call", "input", "outcome"];
const TASK_KEYS = ["task", "due", "offeredTo"];
const MAX_PATH = 500;
const MAX_TASKS = 200;
const MAX_EXPECTED_LEVELS = 200;
const MAX_CALLS = 200;

export function readExpectation(reading: ScenarioReading, value: unknown, path: Path, given: Given): Expectation | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, KEYS);
  if (!source) return null;
  if (Object.keys(source).length === 0) problems.add(path, "BAD_VALUE", "Specify what to expect, for example state: approved.");
  const state = source["state"] === undefined ? undefined : (readState(reading, source["state"], [...path, "state"]) ?? undefined);
  return {
    state,
    status: readOneOf(reading, source, "status", path, INSTANCE_STATUSES),
    path: readList(reading, source, "path", path, MAX_PATH)?.flatMap(([one, where]) => readState(reading, one, where) ?? []),
    tasks: readList(reading, source, "tasks", path, MAX_TASKS)?.flatMap(
      ([one, where]) => readExpectedTask(reading, one, where, given) ?? [],
    ),
    children: readList(reading, source, "children", path, MAX_TASKS)?.flatMap(([one, where]) => findChildRule(reading, one, where) ?? []),
    data: readData(reading, source, "data", path) ?? undefined,
    incident: readOneOf(reading, source, "incident", path, INCIDENT_KINDS),
    sla: readClocks(reading, source, path),
    escalations: readList(reading, source, "escalations", path, MAX_EXPECTED_LEVELS)?.flatMap(
      ([one, where]) => readLevel(reading, one, where) ?? [],
    ),
    calls: readList(reading, source, "calls", path, MAX_CALLS)?.flatMap(([one, where]) => readExpectedCall(reading, one, where) ?? []),
  };
}

/** Reads `sla: { resolution: BREACHED, "task:review": { due: 2026-03-03T09:00:00Z } }`. */
function readClocks(reading: ScenarioReading, source: Source, path: Path): Expectation["sla"] {
  if (source["sla"] === undefined) return undefined;
  const { problems, slas } = reading;
  const where = [...path, "sla"];
  const clocks = new Map<string, ExpectedClock | null>();
  for (const [key, value] of Object.entries(readObject(problems, source["sla"], where, null) ?? {})) {
    const at = [...where, key];
    if (!slas.has(key)) problems.add(at, "BAD_VALUE", `There is no SLA ${quote(key)}.${didYouMean(key, slas.keys())}`);
    else if (value === null) clocks.set(key, null);
    else {
      const clock = typeof value === "string" ? { status: value } : readObject(problems, value, at, CLOCK_KEYS);
      if (!clock) continue;
      if (Object.keys(clock).length === 0) problems.add(at, "BAD_VALUE", "Specify what to expect, for example status: BREACHED.");
      clocks.set(key, { status: readOneOf(reading, clock, "status", at, SLA_STATUSES), due: readDue(reading, clock, at) });
    }
  }
  return clocks;
}

/** Reads `late`, or `{ escalation: late, level: 2, outcome: DONE }`. */
function readLevel(reading: ScenarioReading, value: unknown, path: Path): ExpectedLevel | null {
  const { problems, escalations } = reading;
  const source: Source | null = typeof value === "string" ? { escalation: value } : readObject(problems, value, path, LEVEL_KEYS);
  if (!source) return null;
  const { escalation, level } = source;
  const rule = typeof escalation === "string" ? escalations.get(escalation) : undefined;
  if (!rule) {
    const hint = typeof escalation === "string" ? didYouMean(escalation, escalations.keys()) : "";
    problems.add(path, "BAD_VALUE", `There is no escalation ${quote(escalation)}.${hint}`);
    return null;
  }
  const last = rule.levels.length;
  const isLevel = typeof level === "number" && Number.isInteger(level) && level >= 1 && level <= last;
  if (level !== undefined && !isLevel)
    problems.add([...path, "level"], "BAD_VALUE", `${quote(rule.name)} has the levels 1 to ${last}, but no ${quote(level)}.`);
  const outcome = readOneOf(reading, source, "outcome", path, LEVEL_OUTCOMES);
  return { escalation: rule.name, level: isLevel ? level : undefined, outcome };
}

/** Reads `crm.request`, or `{ call: crm.request, input: { method: POST }, outcome: DONE }`. */
function readExpectedCall(reading: ScenarioReading, value: unknown, path: Path): ExpectedCall | null {
  const source: Source | null = typeof value === "string" ? { call: value } : readObject(reading.problems, value, path, CALL_KEYS);
  if (!source) return null;
  const call = findCall(reading, source["call"], typeof value === "string" ? path : [...path, "call"]);
  const input = readData(reading, source, "input", path) ?? undefined;
  const outcome = readOneOf(reading, source, "outcome", path, CALL_OUTCOMES);
  return call && { ...call, input, outcome };
}

const readDue = ({ problems }: ScenarioReading, { due }: Source, path: Path): string | null | undefined =>
  due === undefined || due === null ? due : readMoment(problems, due, [...path, "due"]);

function readState({ problems, stateNames }: ScenarioReading, value: unknown, path: Path): string | null {
  if (typeof value === "string" && stateNames.has(value)) return value;
  problems.add(
    path,
    "UNKNOWN_STATE",
    `There is no state ${quote(value)}.${typeof value === "string" ? didYouMean(value, stateNames) : ""}`,
  );
  return null;
}

function readOneOf<T extends string>(
  reading: ScenarioReading,
  source: Source,
  key: string,
  path: Path,
  values: readonly T[],
): T | undefined {
  const value = source[key];
  const found = values.find((one) => one === value);
  if (value !== undefined && !found)
    reading.problems.add([...path, key], "BAD_VALUE", `${key} must be one of ${values.join(", ")}, not ${quote(value)}.`);
  return found;
}

function readList(
  reading: ScenarioReading,
  source: Source,
  key: string,
  path: Path,
  max: number,
): readonly (readonly [unknown, Path])[] | undefined {
  const value = source[key];
  if (value === undefined) return undefined;
  const where = [...path, key];
  if (!Array.isArray(value)) {
    reading.problems.add(where, "WRONG_TYPE", `Expected a list of names, found ${quote(value)}.`);
    return undefined;
  }
  if (value.length > max) reading.problems.add(where, "TOO_LARGE", `The list has ${value.length} entries; the maximum is ${max}.`);
  return value.slice(0, max).map((one: unknown, index) => [one, [...where, index]] as const);
}

/** Reads `credit`, or `{ task: credit, due: 2026-03-03T09:00:00Z, offeredTo: mia }`. */
function readExpectedTask(reading: ScenarioReading, value: unknown, path: Path, given: Given): ExpectedTask | null {
  if (typeof value === "string") {
    const task = findTask(reading, value, path);
    return task === null ? null : { task };
  }
  const source = readObject(reading.problems, value, path, TASK_KEYS);
  if (!source) return null;
  const task = findTask(reading, source["task"], [...path, "task"]);
  if (task === null) return null;
  const due = readDue(reading, source, path);
  const offeredTo =
    source["offeredTo"] === undefined ? null : findPerson(reading, source["offeredTo"], [...path, "offeredTo"], given.people);
  return { task, due, offeredTo: offeredTo ?? undefined };
}
