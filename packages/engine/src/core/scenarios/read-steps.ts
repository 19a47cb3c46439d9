import type { Actor } from "../model/actor.js";
import { readFlag, readObject, readText, readTexts, valueOr, type Source } from "../document/reader.js";
import { parsePeriod } from "../calendar/periods.js";
import type { Json } from "../model/json.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import type { ReasonRule } from "../model/rejection.js";
import { readExpectation } from "./read-expectation.js";
import { findCall, findChildRule, findPerson, findTask, readData, type ScenarioReading } from "./reading.js";
import { ENDINGS, REASON_RULES, type Act, type Given, type ScenarioStep } from "../model/scenarios/scenario.js";

/** Kinds of steps, each with the further keys that it accepts. */
const ACTS = {
  fire: ["by", "input", "comment"],
  complete: ["with", "copy", "by", "input", "comment"],
  vote: ["by", "input", "comment"],
  rejected: ["task", "because", "by", "input", "comment"],
  claim: ["by"],
  check: ["items", "copy", "by"],
  data: ["by"],
  assign: ["by"],
  child: ["index", "ends", "result", "by"],
  call: ["number", "result", "failure"],
  cancel: ["by", "comment"],
  advance: [],
} as const satisfies Record<string, readonly string[]>;
type ActName = keyof typeof ACTS;
const NAMES = Object.keys(ACTS) as ActName[];
const ALL_KEYS = [...new Set([...NAMES, ...NAMES.flatMap((name): readonly string[] => ACTS[name]), "expect"])];

export function readStep(reading: ScenarioReading, value: unknown, path: Path, given: Given): ScenarioStep | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, ALL_KEYS);
  if (!source) return null;
  const acts = NAMES.filter((name) => source[name] !== undefined);
  if (acts.length > 1 || (acts.length === 0 && source["expect"] === undefined)) {
    problems.add(path, "BAD_VALUE", `A step must have one of ${NAMES.join(", ")}, or only expect.`);
    return null;
  }
  const [name] = acts;
  const keys: readonly string[] = name ? [name, ...ACTS[name], "expect"] : ["expect"];
  for (const key of Object.keys(source)) {
    if (ALL_KEYS.includes(key) && !keys.includes(key))
      problems.add([...path, key], "UNKNOWN_KEY", `A step with ${quote(name ?? "expect")} cannot have ${quote(key)}.`);
  }
  const act = name ? readAct(reading, name, source, { path, given }) : null;
  const expect = source["expect"] === undefined ? null : readExpectation(reading, source["expect"], [...path, "expect"], given);
  return name && !act ? null : { act, expect };
}

type At = { readonly path: Path; readonly given: Given };

function readAct(reading: ScenarioReading, name: ActName, source: Source, { path, given }: At): Act | null {
  const { problems } = reading;
  const where = [...path, name];
  if (name === "advance") {
    const period = typeof source["advance"] === "string" ? parsePeriod(source["advance"]) : null;
    if (!period)
      problems.add(
        where,
        "BAD_VALUE",
        `${quote(source["advance"])} is not a valid duration. Use a duration such as P2D, PT4H or 2 working days.`,
      );
    return period && { kind: "advance", period };
  }
  if (name === "call") return readResult(reading, source, path);
  const by = source["by"] === undefined ? given.owner : findPerson(reading, source["by"], [...path, "by"], given.people);
  if (!by) return null;
  const person = { by, name: nameOf(given, by) };
  const comment = readText(problems, source, "comment", path, { maxChars: 10_000 });
  if (name === "data") {
    const patch = readData(reading, source, "data", path);
    return patch && { kind: "data", patch, ...person };
  }
  if (name === "cancel") {
    if (!readFlag(problems, source, "cancel", path)) problems.add(where, "BAD_VALUE", "Write cancel: true.");
    return { kind: "cancel", comment, ...person };
  }
  if (name === "assign") {
    const to = source["assign"] === null ? null : findPerson(reading, source["assign"], where, given.people);
    return { kind: "assign", to: to && { type: "user", id: to.id }, ...person };
  }
  if (name === "claim") {
    const task = findTask(reading, source["claim"], where);
    return task === null ? null : { kind: "claim", task, ...person };
  }
  if (name === "check") return readCheck(reading, source, path, person);
  if (name === "child") return readChild(reading, source, path, person);
  const transitionKey = name === "complete" ? "with" : name;
  const transition = readTransition(reading, source[transitionKey], [...path, transitionKey]);
  if (transition === null) return null;
  const filled = { transition, comment, input: readData(reading, source, "input", path), ...person };
  if (name === "fire") return { kind: "fire", ...filled };
  if (name === "vote") return { kind: "complete", task: null, copy: null, ...filled };
  if (name === "rejected") {
    const task = source["task"] === undefined ? null : findTask(reading, source["task"], [...path, "task"]);
    return { kind: "rejected", task, because: readBecause(reading, source["because"], [...path, "because"]), ...filled };
  }
  const task = findTask(reading, source["complete"], where);
  const copy = readCopy(reading, source, path);
  return task === null ? null : { kind: "complete", task, copy, ...filled };
}

function readCopy({ problems }: ScenarioReading, source: Source, path: Path): number | null {
  const copy = source["copy"];
  if (copy !== undefined && (typeof copy !== "number" || !Number.isInteger(copy) || copy < 1))
    problems.add([...path, "copy"], "BAD_VALUE", `copy must be the number of one of several tasks, starting at 1, not ${quote(copy)}.`);
  return typeof copy === "number" ? copy : null;
}

/** Reads `{ check: review, items: [Score read] }`; without items, all of them. */
function readCheck(reading: ScenarioReading, source: Source, path: Path, person: { by: Actor; name: string }): Act | null {
  const { problems, tasks } = reading;
  const task = findTask(reading, source["check"], [...path, "check"]);
  const copy = readCopy(reading, source, path);
  if (task === null) return null;
  const checklist = tasks.get(task)?.checklist ?? [];
  if (checklist.length === 0) problems.add([...path, "check"], "BAD_VALUE", `The task ${quote(task)} has no checklist.`);
  const items = readTexts(problems, source, "items", path, (item, where) => {
    if (!checklist.includes(item))
      problems.add(where, "BAD_VALUE", `The checklist of ${quote(task)} has no item ${quote(item)}.${didYouMean(item, checklist)}`);
  });
  return { kind: "check", task, copy, items: source["items"] === undefined ? checklist : items, ...person };
}

/** Reads `{ child: phase, index: 1, ends: rejected, result: { cost: 5 } }`: how a child ends, and the data that it has then. */
function readChild(reading: ScenarioReading, source: Source, path: Path, person: { by: Actor; name: string }): Act | null {
  const { problems } = reading;
  const rule = findChildRule(reading, source["child"], [...path, "child"]);
  const index = valueOr(source, "index", 0);
  const isIndex = typeof index === "number" && Number.isInteger(index) && index >= 0;
  if (!isIndex)
    problems.add([...path, "index"], "BAD_VALUE", `index must be the index of the child's item, starting at 0, not ${quote(index)}.`);
  const ending = ENDINGS.find((one) => one === valueOr(source, "ends", "completed"));
  if (!ending) problems.add([...path, "ends"], "BAD_VALUE", `ends must be one of ${ENDINGS.join(", ")}, not ${quote(source["ends"])}.`);
  const data = readData(reading, source, "result", path);
  return rule !== null && isIndex && ending ? { kind: "child", rule, index, ending, data, ...person } : null;
}

/** Reads `{ call: crm.request, result: { status: 200 } }`: the end of a call, which has a result or a failure. */
function readResult(reading: ScenarioReading, source: Source, path: Path): Act | null {
  const { problems } = reading;
  const call = findCall(reading, source["call"], [...path, "call"]);
  const number = valueOr(source, "number", null);
  const isNumber = number === null ? source["number"] === undefined : typeof number === "number" && Number.isInteger(number) && number >= 1;
  if (!isNumber)
    problems.add(
      [...path, "number"],
      "BAD_VALUE",
      `number must be the number of one of several calls of the action, starting at 1, not ${quote(number)}.`,
    );
  const error = readText(problems, source, "failure", path, { maxChars: 2000, like: "The order was refused" });
  if (source["failure"] !== undefined && source["result"] !== undefined)
    problems.add([...path, "failure"], "BAD_VALUE", "A call has either a result or a failure.");
  if (!call || !isNumber || (source["failure"] !== undefined && error === null)) return null;
  const ended =
    error === null ? { isDone: true as const, result: valueOr(source, "result", null) as Json } : { isDone: false as const, error };
  return { kind: "call", ...call, number: number as number | null, ended };
}

function nameOf({ people }: Given, actor: Actor): string {
  return [...people].find(([, one]) => one === actor)?.[0] ?? actor.id;
}

function readTransition({ problems, states }: ScenarioReading, value: unknown, path: Path): string | null {
  const names = new Set([...states.values()].flatMap(({ transitions }) => [...transitions.keys()]));
  if (typeof value === "string" && names.has(value)) return value;
  const hint = typeof value === "string" ? didYouMean(value, names) : "";
  if (value === undefined) problems.add(path, "MISSING", "Specify the transition, for example with: approve.");
  else problems.add(path, "BAD_VALUE", `There is no transition ${quote(value)}.${hint}`);
  return null;
}

function readBecause({ problems }: ScenarioReading, value: unknown, path: Path): ReasonRule | null {
  if (value === undefined) return null;
  const rule = REASON_RULES.find((one) => one === value);
  if (!rule) {
    const hint = typeof value === "string" ? didYouMean(value, REASON_RULES) : "";
    problems.add(path, "BAD_VALUE", `${quote(value)} is not a valid reason for a refusal.${hint}`);
  }
  return rule ?? null;
}
