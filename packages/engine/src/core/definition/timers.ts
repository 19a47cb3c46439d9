/** Timers of a definition: those of a state count from entering it, those of a task from its opening or until its deadline. */
import { readPeriod } from "../calendar/read.js";
import { readWrittenTime } from "../conditions/read.js";
import type { Scope } from "../conditions/value-types.js";
import { NAME, readObject, readText, readTexts, type Reading, type Source } from "../document/reader.js";
import type { Action, TaskRule, TimerDue, TimerEffect, TimerRule, Transition } from "../model/machine.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import { RECIPIENTS, type Recipient } from "../model/timer.js";
import { validateData } from "../schema/validate.js";

const MAX_TIMERS = 20;
const MAX_TIMES = 1_000;
const KEYS = ["description", "after", "at", "fire", "actions", "remind", "every", "times"];
const TASK_KEYS = [...KEYS, "before"];
const EFFECTS = ["fire", "actions", "remind"];

/** Actions can open tasks, and tasks have timers: whoever reads actions passes the function. */
export type ReadActions = (reading: Reading, value: unknown, path: Path, scope: Scope) => readonly Action[];

type TimersAt = {
  readonly scope: Scope;
  readonly isOfTask: boolean;
  readonly readActions: ReadActions;
  /** That of the task, the state or the definition. */
  readonly calendar: string | null;
};

/** Reads the timers of a task. Those of a task that an action opens cannot fire a transition: the action does not determine the state. */
export function readTaskTimers(
  reading: Reading,
  source: Source,
  path: Path,
  at: Omit<TimersAt, "isOfTask"> & { readonly isOfAction: boolean },
): ReadonlyMap<string, TimerRule> {
  const where = [...path, "timers"];
  const timers = readTimers(reading, source["timers"], where, { ...at, isOfTask: true });
  for (const { name, due, effect } of timers.values()) {
    if (effect.kind === "fire" && at.isOfAction)
      reading.problems.add(
        [...where, name, "fire"],
        "BAD_VALUE",
        "A task that an action opens cannot fire a transition. Use a timer of the state.",
      );
    if ("before" in due && source["due"] === undefined)
      reading.problems.add([...where, name, "before"], "BAD_VALUE", "The task has no `due`, so there is nothing to be before.");
  }
  return timers;
}

/** Reads timers by name. Whether the transitions that they fire exist is checked by `checkFired`. */
export function readTimers(reading: Reading, value: unknown, path: Path, at: TimersAt): ReadonlyMap<string, TimerRule> {
  const timers = new Map<string, TimerRule>();
  if (value === undefined) return timers;
  const { problems } = reading;
  const entries = Object.entries(readObject(problems, value, path, null) ?? {});
  if (entries.length > MAX_TIMERS)
    problems.add(path, "TOO_LARGE", `There are ${entries.length} timers; the maximum per state or task is ${MAX_TIMERS}.`);
  for (const [name, body] of entries.slice(0, MAX_TIMERS)) {
    const where = [...path, name];
    if (!NAME.test(name)) problems.add(where, "BAD_VALUE", `${quote(name)} is not a valid timer name. Names look like expire.`);
    else {
      const timer = readTimer(reading, name, body, where, at);
      if (timer) timers.set(name, timer);
    }
  }
  return timers;
}

function readTimer(reading: Reading, name: string, value: unknown, path: Path, at: TimersAt): TimerRule | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, at.isOfTask ? TASK_KEYS : KEYS);
  if (!source) return null;
  readText(problems, source, "description", path, { maxChars: 2000 });
  const due = readDue(reading, source, path, at);
  const effect = readEffect(reading, source, path, at);
  const repeat = readRepeat(reading, source, path);
  return due && effect && { name, due, effect, repeat };
}

function readDue(reading: Reading, source: Source, path: Path, { scope, isOfTask, calendar }: TimersAt): TimerDue | null {
  const { problems } = reading;
  const all = isOfTask ? ["after", "before", "at"] : ["after", "at"];
  const [key, ...others] = all.filter((one) => source[one] !== undefined);
  if (key === undefined || others.length > 0) {
    problems.add(path, "BAD_VALUE", `A timer must have exactly one of ${all.join(", ")}, for example after: P5D.`);
    return null;
  }
  const where = [...path, key];
  if (key === "at") {
    const read = readWrittenTime(problems, source["at"], where, { scope, example: "data.neededBy" });
    // A date ends at midnight of the time zone.
    if (read) reading.calendars.isUsed = true;
    return read && { at: read, calendar };
  }
  const period = readPeriod(reading, source[key], where);
  if (period === null) return null;
  return key === "after" ? { after: period, calendar } : { before: period, calendar };
}

function readEffect(reading: Reading, source: Source, path: Path, { scope, readActions }: TimersAt): TimerEffect | null {
  const { problems } = reading;
  const [kind, ...others] = EFFECTS.filter((one) => source[one] !== undefined);
  if (kind === undefined || others.length > 0) {
    problems.add(path, "BAD_VALUE", `A timer must have exactly one of ${EFFECTS.join(", ")}, for example fire: expire.`);
    return null;
  }
  if (kind === "fire") {
    const transition = readText(problems, source, "fire", path, { maxChars: 64, pattern: NAME, like: "expire" });
    return transition === null ? null : { kind, transition };
  }
  if (kind === "actions") {
    const actions = readActions(reading, source["actions"], [...path, "actions"], scope);
    if (Array.isArray(source["actions"]) && source["actions"].length === 0)
      problems.add([...path, "actions"], "BAD_VALUE", "The list is empty, so the timer would do nothing.");
    return { kind: "actions", actions };
  }
  return { kind: "remind", notify: readRecipients(reading, source, "remind", path) };
}

function readRecipients({ problems }: Reading, source: Source, key: string, path: Path): readonly Recipient[] {
  const found = readTexts(problems, source, key, path, (text, where) => {
    if (!RECIPIENTS.some((one) => one === text))
      problems.add(where, "BAD_VALUE", `${quote(text)} cannot be notified. Use ${RECIPIENTS.join(", ")}.${didYouMean(text, RECIPIENTS)}`);
  });
  return found as readonly Recipient[];
}

/** Reads `overdue: { notify: [assignee, lead] }` of a task. */
export function readOverdue(reading: Reading, source: Source, path: Path): readonly Recipient[] {
  if (source["overdue"] === undefined) return ["assignee", "candidates"];
  const where = [...path, "overdue"];
  const body = readObject(reading.problems, source["overdue"], where, ["notify"]);
  if (!body) return [];
  if (body["notify"] === undefined)
    reading.problems.add([...where, "notify"], "MISSING", 'The key "notify" is missing, for example notify: [assignee, lead].');
  return readRecipients(reading, body, "notify", where);
}

function readRepeat(reading: Reading, source: Source, path: Path): TimerRule["repeat"] {
  const { problems } = reading;
  const { every, times } = source;
  if (every === undefined && times === undefined) return null;
  if (source["fire"] !== undefined) {
    problems.add(
      [...path, every === undefined ? "times" : "every"],
      "BAD_VALUE",
      "A timer that fires a transition cannot repeat, because it leaves the state.",
    );
    return null;
  }
  const period = readPeriod(reading, every, [...path, "every"]);
  if (typeof times !== "number" || !Number.isInteger(times) || times < 2 || times > MAX_TIMES) {
    const found = times === undefined ? "found nothing" : `not ${quote(times)}`;
    problems.add(
      [...path, "times"],
      "BAD_VALUE",
      `A repeating timer needs times: how many times it fires in all, from 2 to ${MAX_TIMES}, ${found}.`,
    );
    return null;
  }
  return period === null ? null : { every: period, times };
}

type Fired = {
  readonly transitions: ReadonlyMap<string, Transition>;
  readonly timers: ReadonlyMap<string, TimerRule>;
  readonly tasks: readonly TaskRule[];
  /** Whether the state has `task` instead of `tasks`. */
  readonly hasOneTask: boolean;
};

/** Checks the transitions that the timers of a state and of its tasks fire: they exist, and require nothing that only a person can give. */
export function checkFired({ problems, escalated }: Reading, path: Path, { transitions, timers, tasks, hasOneTask }: Fired): void {
  const fired = new Set<string>();
  const check = (rules: ReadonlyMap<string, TimerRule>, place: Path): void => {
    for (const { name, effect } of rules.values()) {
      if (effect.kind !== "fire") continue;
      const where = [...place, name, "fire"];
      const transition = transitions.get(effect.transition);
      fired.add(effect.transition);
      if (transition) checkUnattended(transition, where, problems);
      else {
        const hint = didYouMean(effect.transition, transitions.keys());
        problems.add(where, "BAD_VALUE", `The state has no transition ${quote(effect.transition)}.${hint}`);
      }
    }
  };
  check(timers, [...path, "timers"]);
  for (const task of tasks) check(task.timers, [...path, ...(hasOneTask ? ["task"] : ["tasks", task.rule]), "timers"]);
  for (const { name, isTimed } of transitions.values()) {
    if (isTimed && !fired.has(name) && !escalated.has(name))
      problems.add(
        [...path, "transitions", name, "auto"],
        "NEVER_FIRES",
        `No timer of the state fires ${quote(name)}. Add one with fire: ${name}.`,
      );
  }
}

function checkUnattended(transition: Transition, where: Path, problems: Reading["problems"]): void {
  const why = whyUnattended(transition);
  if (why !== null) problems.add(where, "BAD_VALUE", `A timer cannot fire ${quote(transition.name)}: it ${why}.`);
}

/** Returns why a transition cannot be fired without a person; null if it can. */
export function whyUnattended({ isAutomatic, isTimed, requiresComment, input, form }: Transition): string | null {
  if (isAutomatic && !isTimed) return "is automatic, so no timer is needed";
  if (requiresComment) return "requires a comment";
  return form || (input && validateData(input, {}, "input").length > 0) ? "requires input" : null;
}
