/** Task rules of a definition: the tasks that entering a state, or an action, opens for users. */
import { pathProblem, valueProblem } from "../conditions/check.js";
import { readWrittenTime } from "../conditions/read.js";
import { FIXED_PATHS } from "../conditions/context.js";
import { parseOperand } from "../conditions/syntax/parse.js";
import type { Operand } from "../model/condition.js";
import type { Scope } from "../conditions/value-types.js";
import { readCalendar, readPeriod } from "../calendar/read.js";
import { readFormOf } from "../forms/read.js";
import type { Due, TaskRule, Template } from "../model/machine.js";
import { TASK_PRIORITIES, type TaskPriority } from "../model/priority.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import { readOverdue, readTaskTimers, type ReadActions } from "./timers.js";
import { parseTemplate } from "../tasks/templates.js";
import { readShortSla } from "../sla/read.js";
import { MAX_COPIES, MAX_OPENED } from "../votes/votes.js";
import {
  NAME,
  ROUTE,
  readFlag,
  readIds,
  readObject,
  readRoles,
  readText,
  readTexts,
  valueOr,
  type Reading,
  type Source,
} from "../document/reader.js";

export const MAX_TASKS = 20;
const MAX_CHECKLIST = 50;
const MAX_FROM = 10;
const RULE_KEYS = ["title", "candidates", "due", "calendar", "overdue", "timers", "priority", "checklist", "form", "sla"];
const STATE_RULE_KEYS = [...RULE_KEYS, "count", "for"];
const ACTION_KEYS = [...RULE_KEYS, "name", "lifetime"];
const CANDIDATE_KEYS = ["roles", "users", "teams", "owner", "assignee", "from", "route"];

/** Reads the tasks of a state: `task`, which has the name of the state, or `tasks` by name. */
export function readStateTasks(
  reading: Reading,
  source: Source,
  path: Path,
  { state, ...at }: Omit<Place, "rule"> & { readonly state: string },
): readonly TaskRule[] {
  const { problems, stateNames } = reading;
  if (source["task"] !== undefined && source["tasks"] !== undefined)
    problems.add(
      [...path, "task"],
      "BAD_VALUE",
      "A state can have `task` or `tasks`, not both. Move the task into `tasks` and give it a name.",
    );
  if (source["tasks"] === undefined) {
    const task = source["task"] === undefined ? null : readRule(reading, source["task"], [...path, "task"], { rule: state, ...at });
    return task ? [task] : [];
  }
  const where = [...path, "tasks"];
  const entries = Object.entries(readObject(problems, source["tasks"], where, null) ?? {});
  if (entries.length === 0) problems.add(where, "BAD_VALUE", "There are no tasks here. Add at least one, or omit the key.");
  if (entries.length > MAX_TASKS)
    problems.add(where, "TOO_LARGE", `There are ${entries.length} tasks; the maximum per state is ${MAX_TASKS}.`);
  const tasks = entries.slice(0, MAX_TASKS).flatMap(([rule, value]) => {
    const place = [...where, rule];
    if (!NAME.test(rule)) {
      problems.add(place, "BAD_VALUE", `${quote(rule)} is not a valid task name. Names look like credit_check.`);
      return [];
    }
    if (rule !== state && stateNames.has(rule)) {
      problems.add(place, "BAD_VALUE", `There is a state named ${quote(rule)}, whose task would have the same name.`);
      return [];
    }
    return readRule(reading, value, place, { rule, ...at }) ?? [];
  });
  const opened = tasks.reduce((sum, { count }) => sum + count, 0);
  if (opened > MAX_OPENED) problems.add(where, "TOO_LARGE", `${opened} tasks would be opened at once; the maximum is ${MAX_OPENED}.`);
  return tasks;
}

/** Reads the task of an `openTask` action, which includes its name. */
export function readTask(reading: Reading, value: unknown, path: Path, at: Omit<Place, "rule" | "calendar">): TaskRule | null {
  return readRule(reading, value, path, { rule: null, ...at, calendar: reading.calendar });
}

/** `calendar`: that of the state or the definition. */
type Place = {
  readonly rule: string | null;
  readonly scope: Scope;
  readonly readActions: ReadActions;
  readonly calendar: string | null;
};
type DueAt = Pick<Place, "scope" | "calendar">;

function readRule(
  reading: Reading,
  value: unknown,
  path: Path,
  { rule: given, scope, readActions, calendar: inherited }: Place,
): TaskRule | null {
  const { problems, tasks } = reading;
  const source = readObject(problems, value, path, given === null ? ACTION_KEYS : STATE_RULE_KEYS);
  if (!source) return null;
  const calendar = readCalendar(reading, source, path) ?? inherited;
  const rule = given ?? readText(problems, source, "name", path, { maxChars: 64, isRequired: true, pattern: NAME, like: "inspection" });
  const title = readTitle(reading, source, path, scope);
  const lifetime = valueOr(source, "lifetime", "state");
  if (lifetime !== "state" && lifetime !== "instance")
    problems.add([...path, "lifetime"], "BAD_VALUE", `lifetime must be state or instance, not ${quote(lifetime)}.`);
  const each = source["for"] === undefined ? null : readPath(reading, source["for"], [...path, "for"], { scope, types: ["array"] });
  if (source["for"] !== undefined && source["count"] !== undefined)
    problems.add([...path, "count"], "BAD_VALUE", "A task with `for` is opened once for each item of the list, so it cannot have `count`.");
  const candidates = readCandidates(reading, source["candidates"], [...path, "candidates"], {
    scope,
    isForEach: source["for"] !== undefined,
  });
  const options = {
    count: readCount(reading, source, path),
    due: readDue(reading, source["due"], [...path, "due"], { scope, calendar }),
    priority: readPriority(reading, source["priority"], [...path, "priority"]),
    checklist: readChecklist(reading, source, path),
  };
  if (rule === null || title === null || candidates === null) return null;
  if (tasks.has(rule) || (given === null && reading.stateNames.has(rule))) {
    problems.add(path, "BAD_VALUE", `There is already a task named ${quote(rule)}. The task of a state has the name of the state.`);
    return null;
  }
  const task: TaskRule = {
    rule,
    vote: null,
    title,
    lifetime: lifetime === "instance" ? "instance" : "state",
    each,
    form: readFormOf(reading, source["form"], [...path, "form"], rule),
    timers: readTaskTimers(reading, source, path, { scope, readActions, calendar, isOfAction: given === null }),
    overdue: readOverdue(reading, source, path),
    candidates,
    ...options,
  };
  tasks.set(rule, task);
  readShortSla(reading, source["sla"], [...path, "sla"], { kind: "task", rule });
  return task;
}

function readCount({ problems }: Reading, source: Source, path: Path): number {
  const count = valueOr(source, "count", 1);
  if (typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= MAX_COPIES) return count;
  problems.add([...path, "count"], "BAD_VALUE", `count must be a whole number from 1 to ${MAX_COPIES}, not ${quote(count)}.`);
  return 1;
}

function readDue(reading: Reading, value: unknown, path: Path, { scope, calendar }: DueAt): Due | null {
  if (value === undefined) return null;
  const { problems } = reading;
  if (typeof value !== "string") {
    problems.add(
      path,
      "WRONG_TYPE",
      `Expected a duration such as P2D or 2 working days, or a path such as data.deadline, found ${quote(value)}.`,
    );
    return null;
  }
  if (!value.includes(".")) {
    const after = readPeriod(reading, value, path);
    return after && { after, calendar };
  }
  const at = readWrittenTime(problems, value, path, { scope, example: "data.deadline" });
  // A date ends at midnight of the time zone.
  if (at) reading.calendars.isUsed = true;
  return at && { at, calendar };
}

function readPriority({ problems }: Reading, value: unknown, path: Path): TaskPriority {
  const priority = TASK_PRIORITIES.find((one) => one === (value === undefined ? "normal" : value));
  if (!priority) {
    const hint = typeof value === "string" ? didYouMean(value, TASK_PRIORITIES) : "";
    problems.add(path, "BAD_VALUE", `priority must be one of ${TASK_PRIORITIES.join(", ")}, not ${quote(value)}.${hint}`);
  }
  return priority ?? "normal";
}

function readChecklist({ problems }: Reading, source: Source, path: Path): readonly string[] {
  const items = readTexts(problems, source, "checklist", path, (item, where) => {
    if (item.trim() === "" || item.length > 200) problems.add(where, "BAD_VALUE", "A checklist item must have 1 to 200 characters.");
  });
  if (items.length > MAX_CHECKLIST)
    problems.add([...path, "checklist"], "TOO_LARGE", `There are ${items.length} items; the maximum is ${MAX_CHECKLIST}.`);
  return items;
}

type CandidatesAt = { readonly scope: Scope; readonly isForEach: boolean };

function readCandidates(reading: Reading, value: unknown, path: Path, { scope, isForEach }: CandidatesAt): TaskRule["candidates"] | null {
  const { problems } = reading;
  if (value === undefined && !isForEach) {
    problems.add(path, "MISSING", "A task needs candidates, for example candidates: { roles: [operations] }.");
    return null;
  }
  const source = readObject(problems, value === undefined ? {} : value, path, CANDIDATE_KEYS);
  if (!source) return null;
  if (Object.keys(source).length === 0 && !isForEach) problems.add(path, "BAD_VALUE", "The task has no candidates, so nobody could do it.");
  return {
    roles: readRoles(reading, source, path),
    users: readIds(reading, source, path, "users"),
    teams: readIds(reading, source, path, "teams"),
    owner: readFlag(problems, source, "owner", path),
    assignee: readFlag(problems, source, "assignee", path),
    from: readFrom(reading, source, path, scope),
    route: readText(problems, source, "route", path, { maxChars: 64, pattern: ROUTE, like: "facilities" }),
  };
}

/** Reads paths to IDs of users and teams, or to lists of them. */
function readFrom(reading: Reading, source: Source, path: Path, scope: Scope): readonly Operand[] {
  if (source["from"] === undefined) return [];
  const where = [...path, "from"];
  const list: readonly unknown[] = Array.isArray(source["from"]) ? source["from"] : [source["from"]];
  if (list.length === 0 || list.length > MAX_FROM)
    reading.problems.add(where, "BAD_VALUE", `from takes 1 to ${MAX_FROM} paths such as data.reviewer.`);
  return list.slice(0, MAX_FROM).flatMap((one, index) => {
    const place = Array.isArray(source["from"]) ? [...where, index] : where;
    return readPath(reading, one, place, { scope, types: ["string", "array"] }) ?? [];
  });
}

type PathOptions = { readonly scope: Scope; readonly types: Parameters<typeof valueProblem>[2] };

/** Reads a path whose value can have one of the types. */
function readPath({ problems }: Reading, value: unknown, path: Path, { scope, types }: PathOptions): Operand | null {
  const parsed = typeof value === "string" ? parseOperand(value) : null;
  if (!parsed?.ok || !("path" in parsed.value)) {
    problems.add(
      path,
      parsed?.ok === false ? "BAD_CONDITION" : "WRONG_TYPE",
      `Expected a path such as data.reviewer, found ${quote(value)}.`,
    );
    return null;
  }
  const message = valueProblem(parsed.value.path, scope, types);
  if (message !== null) problems.add(path, "UNKNOWN_PATH", message);
  return parsed.value;
}

/** Reads a title with values, at the key `title`. */
export function readTitle(reading: Reading, source: Source, path: Path, scope: Scope): Template | null {
  const { problems } = reading;
  const text = readText(problems, source, "title", path, { maxChars: 500, isRequired: true, like: '"Check {{ data.summary }}"' });
  if (text === null) return null;
  const where = [...path, "title"];
  const { template, problems: found } = parseTemplate(text);
  for (const message of found) problems.add(where, "BAD_TEMPLATE", message);
  for (const part of template.parts) {
    if (typeof part === "string") continue;
    const message = FIXED_PATHS.has(part.path.join(".")) ? null : pathProblem(part.path, scope);
    if (message) problems.add(where, "BAD_TEMPLATE", message);
  }
  return template;
}
