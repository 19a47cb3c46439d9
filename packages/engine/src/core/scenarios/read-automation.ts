/** Reads the scenarios of an automation whose steps have been read. */
import { readObject, readText, valueOr, type Source } from "../document/reader.js";
import type { StepGraph, StepType } from "../model/automation.js";
import type { JsonObject } from "../model/json.js";
import { didYouMean, quote, type Path, type ProblemList } from "../model/problems.js";
import type { StepError, StepStatus } from "../model/run.js";
import type { AutomationScenario, ExpectedRun } from "../model/scenarios/automation-scenario.js";
import type { StepStub, StubbedEnd } from "../model/step-stub.js";
import { isObject } from "../model/values.js";
import { validateData } from "../schema/validate.js";
import { readMoment } from "./read-people.js";
import { NOW, readScenarioList } from "./read.js";

const KEYS = ["name", "description", "given", "steps", "expect"];
const GIVEN_KEYS = ["inputs", "now"];
const EXPECT_KEYS = ["status", "steps", "inputs", "outputs"];
const STUB_KEYS = ["outputs", "error", "items", "compensate"];
const ERROR_KEYS = ["code", "message", "final"];
const MAX_ATTEMPTS = 50;
const MAX_ITEMS = 100;
const ERROR_CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const STATUSES: readonly StepStatus[] = ["SUCCEEDED", "FAILED", "SKIPPED", "CANCELLED"];
const ENDS = ["SUCCEEDED", "FAILED"] as const;

type AutomationReading = { readonly problems: ProblemList; readonly graph: StepGraph; readonly types: ReadonlyMap<string, StepType> };

export function readAutomationScenarios(reading: AutomationReading, value: unknown): readonly AutomationScenario[] {
  return readScenarioList(reading.problems, value, {
    content: "a name and what to expect",
    readOne: (entry, path) => readScenario(reading, entry, path),
  });
}

function readScenario(reading: AutomationReading, value: unknown, path: Path): AutomationScenario | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, KEYS);
  if (!source) return null;
  const name = readText(problems, source, "name", path, { maxChars: 200, isRequired: true, like: "A release is deployed" });
  readText(problems, source, "description", path, { maxChars: 2000 });
  const given = readObject(problems, valueOr(source, "given", {}), [...path, "given"], GIVEN_KEYS) ?? {};
  const now = given["now"] === undefined ? NOW : readMoment(problems, given["now"], [...path, "given", "now"]);
  const inputs = readValues(problems, valueOr(given, "inputs", {}), [...path, "given", "inputs"]);
  const steps = readObject(problems, valueOr(source, "steps", {}), [...path, "steps"], null) ?? {};
  const stubs = Object.entries(steps).flatMap(([id, stub]) => readStub(reading, id, stub, [...path, "steps", id]));
  if (source["expect"] === undefined)
    problems.add([...path, "expect"], "MISSING", "A scenario must state the result to expect, for example expect: { status: SUCCEEDED }.");
  const expect = source["expect"] === undefined ? null : readExpected(reading, source["expect"], [...path, "expect"]);
  return name !== null && now !== null && inputs && expect ? { name, inputs, now, stubs, expect } : null;
}

function isKnown({ problems, graph }: AutomationReading, id: string, path: Path): boolean {
  if (graph.steps.has(id)) return true;
  problems.add(path, "BAD_VALUE", `There is no step ${quote(id)}.${didYouMean(id, graph.steps.keys())}`);
  return false;
}

function readValues(problems: ProblemList, value: unknown, path: Path): JsonObject | null {
  const source = readObject(problems, value, path, null);
  return source as JsonObject | null;
}

/** Reads `{ outputs: { exit_code: 0 } }`, `{ error: TIMEOUT }`, or a list of them, one for each attempt. */
function readStub(reading: AutomationReading, id: string, value: unknown, path: Path): StepStub[] {
  if (!isKnown(reading, id, path)) return [];
  const { problems } = reading;
  const base = { step: id, index: null, attempt: null, isCompensation: false };
  if (Array.isArray(value)) return readAttempts(reading, value, path, base);
  const source = readObject(problems, value, path, STUB_KEYS);
  if (!source) return [];
  const { items, compensate } = source;
  const stubs: StepStub[] = [];
  if (Array.isArray(items)) {
    if (items.length > MAX_ITEMS) problems.add([...path, "items"], "TOO_LARGE", `At most ${MAX_ITEMS} items can be listed.`);
    for (const [index, item] of items.slice(0, MAX_ITEMS).entries())
      stubs.push(...readAttempts(reading, item, [...path, "items", index], { ...base, index }));
  } else if (items !== undefined) problems.add([...path, "items"], "WRONG_TYPE", `Expected a list of results, found ${quote(items)}.`);
  if (compensate !== undefined)
    stubs.push(...readAttempts(reading, compensate, [...path, "compensate"], { ...base, isCompensation: true }));
  if (source["outputs"] === undefined && source["error"] === undefined) {
    if (stubs.length === 0 && items === undefined) problems.add(path, "BAD_VALUE", EXAMPLE);
    return stubs;
  }
  const end = readEnd(reading, source, path, base);
  return end ? [...stubs, { ...base, end }] : stubs;
}

const EXAMPLE = "Expected a result such as { outputs: { status: 200 } } or { error: TIMEOUT }.";

type Base = Omit<StepStub, "end">;

/** Reads one result, or a list of them. The last one counts for the attempts that follow as well. */
function readAttempts(reading: AutomationReading, value: unknown, path: Path, base: Base): StepStub[] {
  const { problems } = reading;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > MAX_ATTEMPTS) problems.add(path, "BAD_VALUE", `Expected one to ${MAX_ATTEMPTS} results.`);
  return list.slice(0, MAX_ATTEMPTS).flatMap((one, index) => {
    const where = Array.isArray(value) ? [...path, index] : path;
    const source = readObject(problems, one, where, ["outputs", "error"]);
    const end = source && readEnd(reading, source, where, base);
    if (!end) return [];
    const stub = { ...base, attempt: index + 1, end };
    return index === list.length - 1 ? [stub, { ...stub, attempt: null }] : [stub];
  });
}

function readEnd({ problems, graph, types }: AutomationReading, source: Source, path: Path, base: Base): StubbedEnd | null {
  const { outputs, error } = source;
  if ((outputs === undefined) === (error === undefined)) {
    problems.add(path, "BAD_VALUE", EXAMPLE);
    return null;
  }
  if (error !== undefined) {
    const found = readError(problems, error, [...path, "error"]);
    return found && { kind: "failed", error: found };
  }
  const values = readValues(problems, outputs, [...path, "outputs"]);
  if (!values) return null;
  const step = graph.steps.get(base.step);
  const type = types.get((base.isCompensation ? step?.compensate?.type : step?.type) ?? "");
  const isList = step?.each && base.index === null && !base.isCompensation;
  // The automation that a step falls back to has outputs of its own.
  if (type?.outputs && !isList && !step?.onFailure.workflow)
    for (const { path: at, message } of validateData(type.outputs, values, "outputs"))
      problems.add([...path, "outputs"], "BAD_VALUE", `${at}: ${message}`);
  return { kind: "succeeded", outputs: values };
}

/** Reads `TIMEOUT`, or `{ code: TIMEOUT, message: …, final: true }`. */
function readError(problems: ProblemList, value: unknown, path: Path): StepError | null {
  const source: Source | null = typeof value === "string" ? { code: value } : readObject(problems, value, path, ERROR_KEYS);
  if (!source) return null;
  const where = typeof value === "string" ? path : [...path, "code"];
  const { code, final } = source;
  if (typeof code !== "string" || !ERROR_CODE.test(code)) {
    problems.add(where, "BAD_VALUE", `${quote(code)} is not a code of an error. Codes look like TIMEOUT.`);
    return null;
  }
  if (final !== undefined && typeof final !== "boolean")
    problems.add([...path, "final"], "WRONG_TYPE", `Expected true or false, found ${quote(final)}.`);
  const message = readText(problems, source, "message", path, { maxChars: 2000 });
  return { code, message: message ?? code, isFinal: final === true };
}

function readExpected(reading: AutomationReading, value: unknown, path: Path): ExpectedRun | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, EXPECT_KEYS);
  if (!source) return null;
  if (Object.keys(source).length === 0) problems.add(path, "BAD_VALUE", "Specify what to expect, for example status: SUCCEEDED.");
  const status = ENDS.find((one) => one === source["status"]);
  if (source["status"] !== undefined && !status)
    problems.add([...path, "status"], "BAD_VALUE", `status must be one of ${ENDS.join(", ")}, not ${quote(source["status"])}.`);
  const steps = readByStep(reading, source, "steps", path, (one, where): StepStatus | null => {
    const found = STATUSES.find((known) => known === one);
    if (!found) problems.add(where, "BAD_VALUE", `The status of a step must be one of ${STATUSES.join(", ")}, not ${quote(one)}.`);
    return found ?? null;
  });
  const inputs = readByStep(reading, source, "inputs", path, (one, where) => readValues(problems, one, where));
  const outputs = isObject(source["outputs"]) ? (source["outputs"] as JsonObject) : undefined;
  if (source["outputs"] !== undefined && !outputs)
    problems.add([...path, "outputs"], "WRONG_TYPE", `Expected a mapping of names to values, found ${quote(source["outputs"])}.`);
  return { status, steps, inputs, outputs };
}

function readByStep<T>(
  reading: AutomationReading,
  source: Source,
  key: string,
  path: Path,
  read: (value: unknown, path: Path) => T | null,
): ReadonlyMap<string, T> | undefined {
  if (source[key] === undefined) return undefined;
  const where = [...path, key];
  const entries = Object.entries(readObject(reading.problems, source[key], where, null) ?? {});
  return new Map(
    entries.flatMap(([id, value]): [string, T][] => {
      const found = isKnown(reading, id, [...where, id]) ? read(value, [...where, id]) : null;
      return found === null ? [] : [[id, found]];
    }),
  );
}
