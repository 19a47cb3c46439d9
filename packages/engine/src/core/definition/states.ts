import { checkCondition } from "../conditions/check.js";
import { parseCondition } from "../conditions/parse.js";
import type { Action, ConditionRule, MachineState, Transition } from "../machine.js";
import { didYouMean, quote, type Path } from "../problems.js";
import { compileObjectSchema } from "../schema/compile.js";
import type { FinalKind } from "../types.js";
import { readActions, readTask } from "./actions.js";
import { readAllow } from "./allow.js";
import { NAME, readFlag, readObject, readText, titleOf, type Reading, type Source } from "./reader.js";

const STATE_KEYS = ["title", "description", "task", "transitions", "onEntry", "onExit", "final"];
const TRANSITION_KEYS = ["title", "description", "to", "allow", "when", "comment", "input", "actions", "auto"];
const FINAL_KINDS: readonly FinalKind[] = ["completed", "rejected", "cancelled"];
const MAX_TRANSITIONS = 100;

export function readState(reading: Reading, name: string, value: unknown): MachineState | null {
  const { problems } = reading;
  const path = ["states", name];
  if (!NAME.test(name)) {
    problems.add(path, "BAD_VALUE", `${quote(name)} cannot be the name of a state; names look like in_progress.`);
    return null;
  }
  const source = readObject(problems, value, path, STATE_KEYS);
  if (!source) return null;
  readText(problems, source, "description", path, { maxChars: 2000 });
  const scope = { data: reading.data, input: null, isAction: true };
  const task = source["task"] === undefined ? null : readTask(reading, source["task"], [...path, "task"], name, scope);
  const open: readonly Action[] = task ? [{ kind: "openTask", task }] : [];
  const final = readFinal(reading, source["final"], [...path, "final"]);
  if (source["final"] !== undefined) {
    for (const key of ["transitions", "task", "onExit"]) {
      if (source[key] !== undefined)
        problems.add([...path, key], "FINAL_STATE", `A final state has no ${quote(key)}: nothing happens after it.`);
    }
  }
  const onEntry = readActions(reading, source["onEntry"], [...path, "onEntry"], scope);
  if (final && onEntry.some((action) => action.kind === "openTask")) {
    problems.add([...path, "onEntry"], "FINAL_STATE", "A final state opens no task: nobody could complete it.");
  }
  return {
    name,
    title: readText(problems, source, "title", path, { maxChars: 200 }) ?? titleOf(name),
    final,
    transitions: readTransitions(reading, source["transitions"], [...path, "transitions"]),
    tasks: task ? [task] : [],
    decide: null,
    children: [],
    join: null,
    onEntry: [...open, ...onEntry],
    onExit: readActions(reading, source["onExit"], [...path, "onExit"], scope),
  };
}

function readFinal({ problems }: Reading, value: unknown, path: Path): FinalKind | null {
  if (value === undefined) return null;
  const kind = FINAL_KINDS.find((one) => one === value);
  if (!kind)
    problems.add(
      path,
      "BAD_VALUE",
      `final is ${FINAL_KINDS.join(", ")}, not ${quote(value)}.${typeof value === "string" ? didYouMean(value, FINAL_KINDS) : ""}`,
    );
  return kind ?? null;
}

function readTransitions(reading: Reading, value: unknown, path: Path): ReadonlyMap<string, Transition> {
  const transitions = new Map<string, Transition>();
  if (value === undefined) return transitions;
  const { problems } = reading;
  const source = readObject(problems, value, path, null) ?? {};
  const entries = Object.entries(source);
  if (entries.length > MAX_TRANSITIONS)
    problems.add(path, "TOO_LARGE", `There are ${entries.length} transitions; the most is ${MAX_TRANSITIONS} a state.`);
  for (const [name, body] of entries.slice(0, MAX_TRANSITIONS)) {
    if (problems.isFull()) break;
    const where = [...path, name];
    if (!NAME.test(name)) problems.add(where, "BAD_VALUE", `${quote(name)} cannot be the name of a transition; names look like send_back.`);
    else {
      const transition = readTransition(reading, name, body, where);
      if (transition) transitions.set(name, transition);
    }
  }
  return transitions;
}

function readTransition(reading: Reading, name: string, value: unknown, path: Path): Transition | null {
  const { problems, stateNames } = reading;
  const source = readObject(problems, value, path, TRANSITION_KEYS);
  if (!source) return null;
  readText(problems, source, "description", path, { maxChars: 2000 });
  const to = readText(problems, source, "to", path, { maxChars: 64, isRequired: true, like: "closed" });
  if (to !== null && !stateNames.has(to)) {
    problems.add([...path, "to"], "UNKNOWN_STATE", `There is no state ${quote(to)}.${didYouMean(to, stateNames)}`);
  }
  const comment = source["comment"] ?? "optional";
  if (comment !== "required" && comment !== "optional") {
    problems.add([...path, "comment"], "BAD_VALUE", `comment is required or optional, not ${quote(comment)}.`);
  }
  const input = source["input"] === undefined ? null : compileObjectSchema(source["input"], [...path, "input"], problems);
  return {
    name,
    title: readText(problems, source, "title", path, { maxChars: 200 }) ?? titleOf(name),
    to: to ?? "",
    allow: readAllow(reading, source["allow"], [...path, "allow"]),
    when: readCondition(reading, source["when"], [...path, "when"]),
    requiresComment: comment === "required",
    isAutomatic: readAuto(reading, source, path),
    input,
    form: null,
    actions: readActions(reading, source["actions"], [...path, "actions"], { data: reading.data, input, isAction: true }),
  };
}

/** What only people can give, an automatic transition cannot ask for. */
function readAuto({ problems }: Reading, source: Source, path: Path): boolean {
  if (!readFlag(problems, source, "auto", path)) return false;
  for (const key of ["allow", "comment", "input"]) {
    if (source[key] !== undefined)
      problems.add(
        [...path, key],
        "BAD_VALUE",
        `An automatic transition has no ${quote(key)}: no person fires it. Its condition is \`when\`.`,
      );
  }
  return true;
}

function readCondition({ problems, data }: Reading, value: unknown, path: Path): ConditionRule | null {
  if (value === undefined) return null;
  if (typeof value !== "string") {
    problems.add(path, "WRONG_TYPE", `Expected a condition such as "data.estimate <= 5000", found ${quote(value)}.`);
    return null;
  }
  const parsed = parseCondition(value);
  if (!parsed.ok) {
    problems.add(path, "BAD_CONDITION", parsed.message);
    return null;
  }
  for (const { code, message } of checkCondition(parsed.value, { data, input: null, isAction: false })) problems.add(path, code, message);
  return { tree: parsed.value, source: value };
}
