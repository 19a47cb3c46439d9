import { readCalendar } from "../calendar/read.js";
import type { ConditionRule } from "../model/condition.js";
import { readWrittenCondition } from "../conditions/read.js";
import { readFormOf } from "../forms/read.js";
import type { Action, MachineState, TaskRule, Transition } from "../model/machine.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import { compileObjectSchema } from "../schema/compile.js";
import type { FinalKind } from "../model/snapshot.js";
import { readActions } from "./actions.js";
import { readAllow } from "./allow.js";
import { readChildren, readJoin } from "./children.js";
import { readDecide } from "./decide.js";
import { NAME, readFlag, readObject, readText, titleOf, valueOr, type Reading, type Source } from "../document/reader.js";
import { readShortSla } from "../sla/read.js";
import { readRun } from "./runs.js";
import { readStateTasks } from "./tasks.js";
import { checkFired, readTimers } from "./timers.js";

const STATE_KEYS = [
  "title",
  "description",
  "calendar",
  "sla",
  "task",
  "tasks",
  "decide",
  "children",
  "join",
  "run",
  "transitions",
  "timers",
  "onEntry",
  "onExit",
  "final",
  "closed",
];
const TRANSITION_KEYS = ["title", "description", "to", "allow", "when", "comment", "input", "form", "actions", "auto"];
const FINAL_KINDS: readonly FinalKind[] = ["completed", "rejected", "cancelled"];
const MAX_TRANSITIONS = 100;

export function readState(reading: Reading, name: string, value: unknown): MachineState | null {
  const { problems } = reading;
  const path = ["states", name];
  if (!NAME.test(name)) {
    problems.add(path, "BAD_VALUE", `${quote(name)} is not a valid state name. Names look like in_progress.`);
    return null;
  }
  const source = readObject(problems, value, path, STATE_KEYS);
  if (!source) return null;
  readText(problems, source, "description", path, { maxChars: 2000 });
  const scope = { data: reading.data, input: null, isAction: true };
  const calendar = readCalendar(reading, source, path) ?? reading.calendar;
  const tasks = readStateTasks(reading, source, path, { state: name, scope, readActions, calendar });
  readShortSla(reading, source["sla"], [...path, "sla"], { kind: "state", state: name });
  const final = readFinal(reading, source["final"], [...path, "final"]);
  if (source["final"] !== undefined) {
    for (const key of ["transitions", "timers", "sla", "task", "tasks", "decide", "children", "join", "run", "onExit", "closed"]) {
      if (source[key] !== undefined)
        problems.add([...path, key], "FINAL_STATE", `A final state cannot have ${quote(key)}: nothing happens after it.`);
    }
  }
  const onEntry = readActions(reading, source["onEntry"], [...path, "onEntry"], scope);
  if (final && onEntry.some((action) => action.kind === "openTask")) {
    problems.add([...path, "onEntry"], "FINAL_STATE", "A final state cannot open a task: nobody could complete it.");
  }
  if (final && onEntry.some((action) => action.kind === "assign"))
    problems.add([...path, "onEntry"], "FINAL_STATE", "A final state cannot assign the instance: one that has ended keeps its assignee.");
  const transitions = readTransitions(reading, source["transitions"], [...path, "transitions"]);
  const timers = readTimers(reading, source["timers"], [...path, "timers"], { scope, isOfTask: false, readActions, calendar });
  checkFired(reading, path, { transitions, timers, tasks, hasOneTask: source["task"] !== undefined });
  const decide = readDecide(reading, source["decide"], [...path, "decide"], { tasks, transitions });
  const vote = decide && (decide.isRepeatable ? "REPEAT" : "ONCE");
  const asked = tasks.map((task): TaskRule => ({ ...task, vote }));
  const open = asked.map((task): Action => ({ kind: "openTask", task }));
  const children = readChildren(reading, source["children"], [...path, "children"]);
  return {
    name,
    title: readText(problems, source, "title", path, { maxChars: 200 }) ?? titleOf(name),
    final,
    isClosed: readFlag(problems, source, "closed", path),
    // It waits for the votes, not for a condition. With the votes, it fires automatically.
    transitions: decide?.otherwise ? withoutAuto(transitions, decide.otherwise) : transitions,
    tasks: asked,
    decide,
    children,
    join: readJoin(reading, source["join"], [...path, "join"], {
      children,
      hasChildren: source["children"] !== undefined,
      transitions,
      bodies: source["transitions"],
    }),
    run: readRun(reading, source["run"], [...path, "run"]),
    timers,
    onEntry: [...open, ...onEntry],
    onExit: readActions(reading, source["onExit"], [...path, "onExit"], scope),
  };
}

function withoutAuto(transitions: ReadonlyMap<string, Transition>, name: string): ReadonlyMap<string, Transition> {
  const found = transitions.get(name);
  return found ? new Map(transitions).set(name, { ...found, isAutomatic: false }) : transitions;
}

function readFinal({ problems }: Reading, value: unknown, path: Path): FinalKind | null {
  if (value === undefined) return null;
  const kind = FINAL_KINDS.find((one) => one === value);
  if (!kind) problems.add(path, "BAD_VALUE", `final must be completed, rejected or cancelled, not ${quote(value)}.`);
  return kind ?? null;
}

function readTransitions(reading: Reading, value: unknown, path: Path): ReadonlyMap<string, Transition> {
  const transitions = new Map<string, Transition>();
  if (value === undefined) return transitions;
  const { problems } = reading;
  const source = readObject(problems, value, path, null) ?? {};
  const entries = Object.entries(source);
  if (entries.length > MAX_TRANSITIONS)
    problems.add(path, "TOO_LARGE", `There are ${entries.length} transitions; the maximum per state is ${MAX_TRANSITIONS}.`);
  for (const [name, body] of entries.slice(0, MAX_TRANSITIONS)) {
    if (problems.isFull()) break;
    const where = [...path, name];
    if (!NAME.test(name)) problems.add(where, "BAD_VALUE", `${quote(name)} is not a valid transition name. Names look like send_back.`);
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
  const comment = valueOr(source, "comment", "optional");
  if (comment !== "required" && comment !== "optional") {
    problems.add([...path, "comment"], "BAD_VALUE", `comment must be required or optional, not ${quote(comment)}.`);
  }
  const form = readFormOf(reading, source["form"], [...path, "form"], `${path[1]}.${name}`);
  if (source["form"] !== undefined && source["input"] !== undefined)
    problems.add([...path, "input"], "BAD_VALUE", "A transition can have `input` or `form`, not both: the form defines what is asked for.");
  const input = source["input"] === undefined ? (form?.schema ?? null) : compileObjectSchema(source["input"], [...path, "input"], problems);
  return {
    name,
    title: readText(problems, source, "title", path, { maxChars: 200 }) ?? titleOf(name),
    to: to ?? "",
    allow: readAllow(reading, source["allow"], [...path, "allow"]),
    when: readCondition(reading, source["when"], [...path, "when"]),
    requiresComment: comment === "required",
    isAutomatic: readAuto(reading, source, path),
    isTimed: isUnattended(source),
    input,
    form,
    actions: readActions(reading, source["actions"], [...path, "actions"], { data: reading.data, input, isAction: true }),
  };
}

/** Whether only timers, the results of calls, or the end of a run fire it. */
const isUnattended = (source: Source): boolean => ["timer", "call", "run"].includes(String(source["auto"]));

/** An automatic transition cannot require anything that only a person can give. */
function readAuto({ problems }: Reading, source: Source, path: Path): boolean {
  const isTimed = isUnattended(source);
  if (!isTimed && !readFlag(problems, source, "auto", path)) return false;
  for (const key of ["allow", "comment", "input", "form"]) {
    if (source[key] !== undefined)
      problems.add(
        [...path, key],
        "BAD_VALUE",
        `An automatic transition cannot have ${quote(key)}: no user fires it. Use \`when\` for its condition.`,
      );
  }
  return true;
}

function readCondition({ problems, data }: Reading, value: unknown, path: Path): ConditionRule | null {
  if (value === undefined) return null;
  const scope = { data, input: null, isAction: false };
  return readWrittenCondition(problems, value, path, { scope, example: "data.estimate <= 5000" });
}
