/** Reads `escalations` of a definition, once its states, tasks and SLAs are known. */
import { pathsOf } from "../conditions/paths.js";
import { readWrittenCondition } from "../conditions/read.js";
import { readStart } from "./actions.js";
import { readNotify } from "./notify.js";
import { whyUnattended } from "./timers.js";
import { NAME, ROUTE, readObject, readRoles, readText, titleOf, type Reading, type Source } from "../document/reader.js";
import { readCalendar, readPeriod } from "../calendar/read.js";
import type { Period } from "../model/calendar.js";
import type { ConditionRule } from "../model/condition.js";
import type { EscalationAnchor, EscalationLevel, EscalationRule, FieldRaise, Reassignment } from "../model/escalation.js";
import type { MachineState } from "../model/machine.js";
import { TASK_PRIORITIES, type TaskPriority } from "../model/priority.js";
import { didYouMean, quote, type Path } from "../model/problems.js";

export const MAX_ESCALATIONS = 20;
export const MAX_LEVELS = 10;
const KEYS = ["title", "on", "when", "calendar", "levels"];
const LEVEL_KEYS = ["after", "when", "notify", "reassign", "priority", "raise", "fire", "start"];
const EFFECTS = ["notify", "reassign", "priority", "raise", "fire", "start"];
const ANCHORS = ["sla", "state", "task"];
const AT_ONCE = "PT0S";

type Place = Reading & { readonly states: ReadonlyMap<string, MachineState> };

/** Returns the names of the transitions that escalations fire, before anything is checked. */
export function escalatedTransitions(value: unknown): ReadonlySet<string> {
  const levels = valuesOf(value).flatMap((chain) => valuesOf((chain as Source | null)?.["levels"]));
  return new Set(levels.flatMap((level) => ((name) => (typeof name === "string" ? [name] : []))((level as Source | null)?.["fire"])));
}

const valuesOf = (value: unknown): readonly unknown[] => (typeof value === "object" && value !== null ? Object.values(value) : []);

export function readEscalations(reading: Place, value: unknown): ReadonlyMap<string, EscalationRule> {
  const rules = new Map<string, EscalationRule>();
  if (value === undefined) return rules;
  const { problems } = reading;
  const entries = Object.entries(readObject(problems, value, ["escalations"], null) ?? {});
  if (entries.length === 0) problems.add(["escalations"], "BAD_VALUE", "There are no escalations here. Add at least one, or omit the key.");
  if (entries.length > MAX_ESCALATIONS)
    problems.add(["escalations"], "TOO_LARGE", `There are ${entries.length} escalations; the maximum is ${MAX_ESCALATIONS}.`);
  for (const [name, body] of entries.slice(0, MAX_ESCALATIONS)) {
    const path = ["escalations", name];
    if (!NAME.test(name)) problems.add(path, "BAD_VALUE", `${quote(name)} is not a valid escalation name. Names look like slow-review.`);
    else {
      const rule = readRule(reading, name, body, path);
      if (rule) rules.set(name, rule);
    }
  }
  return rules;
}

function readRule(reading: Place, name: string, value: unknown, path: Path): EscalationRule | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, KEYS);
  if (!source) return null;
  const on = readAnchor(reading, source["on"], [...path, "on"]);
  if (on?.kind === "sla" && source["calendar"] !== undefined)
    problems.add([...path, "calendar"], "BAD_VALUE", "The delays after an SLA clock count as the clock does. Omit the calendar.");
  return (
    on && {
      name,
      title: readText(problems, source, "title", path, { maxChars: 200 }) ?? titleOf(name),
      on,
      calendar: readCalendar(reading, source, path) ?? reading.calendar,
      when: readCondition(reading, source["when"], [...path, "when"]),
      levels: readLevels(reading, source["levels"], [...path, "levels"], on),
    }
  );
}

function readAnchor({ problems, states, tasks, slas }: Place, value: unknown, path: Path): EscalationAnchor | null {
  const source = readObject(problems, value, path, [...ANCHORS, "at"]);
  if (!source) return null;
  const [key, ...others] = ANCHORS.filter((one) => source[one] !== undefined);
  if (key === undefined || others.length > 0) {
    problems.add(
      path,
      "BAD_VALUE",
      `\`on\` must have exactly one of ${ANCHORS.join(", ")}, for example on: { sla: resolution, at: breach }.`,
    );
    return null;
  }
  if (key !== "sla" && source["at"] !== undefined)
    problems.add([...path, "at"], "BAD_VALUE", "Only an SLA has `at`. States count from entering them, tasks from their opening.");
  const name = readText(problems, source, key, path, { maxChars: 70 });
  if (name === null) return null;
  const known = key === "state" ? states : key === "task" ? tasks : slas;
  if (!known.has(name)) {
    const what = key === "sla" ? "SLA" : key;
    const code = key === "state" ? "UNKNOWN_STATE" : key === "task" ? "UNKNOWN_TASK" : "BAD_VALUE";
    problems.add([...path, key], code, `There is no ${what} ${quote(name)}.${didYouMean(name, known.keys())}`);
    return null;
  }
  if (key === "task") return { kind: "task", rule: name };
  if (key === "sla") {
    const { at } = source;
    if (at === "warning" || at === "breach") return { kind: "sla", rule: name, at };
    problems.add([...path, "at"], at === undefined ? "MISSING" : "BAD_VALUE", "`at` must be warning or breach.");
    return null;
  }
  if (states.get(name)?.final) {
    problems.add([...path, key], "BAD_VALUE", `${quote(name)} is a final state, which instances never leave.`);
    return null;
  }
  return { kind: "state", state: name };
}

function readLevels(reading: Place, value: unknown, path: Path, on: EscalationAnchor): readonly EscalationLevel[] {
  const { problems } = reading;
  if (!Array.isArray(value)) {
    problems.add(
      path,
      value === undefined ? "MISSING" : "WRONG_TYPE",
      "An escalation needs a list of levels, for example levels: [{ after: P1D, notify: { lead: true } }].",
    );
    return [];
  }
  if (value.length === 0) problems.add(path, "BAD_VALUE", "There are no levels here. Add at least one.");
  if (value.length > MAX_LEVELS) problems.add(path, "TOO_LARGE", `There are ${value.length} levels; the maximum is ${MAX_LEVELS}.`);
  const levels = value.slice(0, MAX_LEVELS).map((one: unknown, index) => readLevel(reading, one, [...path, index], on));
  for (const [index, level] of levels.entries()) {
    const before = levels[index - 1];
    if (level && before && isEarlier(level.after, before.after))
      problems.add([...path, index, "after"], "BAD_VALUE", "The level is due before the previous one. Sort the levels by their delay.");
  }
  return levels.filter((level) => level !== null);
}

function readLevel(reading: Place, value: unknown, path: Path, on: EscalationAnchor): EscalationLevel | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, LEVEL_KEYS);
  if (!source) return null;
  if (!EFFECTS.some((key) => source[key] !== undefined))
    problems.add(path, "BAD_VALUE", `The level does nothing. Add at least one of ${EFFECTS.join(", ")}.`);
  return {
    after: readAfter(reading, source["after"], [...path, "after"], on),
    when: readCondition(reading, source["when"], [...path, "when"]),
    reassign: readReassignment(reading, source["reassign"], [...path, "reassign"]),
    priority: readPriority(reading, source["priority"], [...path, "priority"]),
    raise: readRaise(reading, source["raise"], [...path, "raise"]),
    notify: readNotify(reading, source["notify"], [...path, "notify"]),
    start:
      source["start"] === undefined
        ? null
        : readStart(reading, source["start"], [...path, "start"], { data: reading.data, input: null, isAction: true }),
    fire: readFire(reading, source, path, on),
  };
}

function readAfter(reading: Place, value: unknown, path: Path, on: EscalationAnchor): Period | null {
  if (value === undefined || value === AT_ONCE) return null;
  // SLA clocks count with the calendar that they were started with.
  return readPeriod(on.kind === "sla" ? { ...reading, calendars: { isUsed: false, named: [] } } : reading, value, path);
}

/** Working time and calendar time cannot be compared without a calendar: such levels follow each other as they are written. */
function isEarlier(later: Period | null, earlier: Period | null): boolean {
  if (earlier === null) return false;
  if (later === null) return true;
  const [a, b] = [lengthOf(later), lengthOf(earlier)];
  return a.kind === b.kind && a.amount < b.amount;
}

function lengthOf(period: Period): { readonly kind: string; readonly amount: number } {
  if (period.kind === "working")
    return period.unit === "days"
      ? { kind: "working days", amount: period.amount }
      : { kind: "working time", amount: period.amount * (period.unit === "hours" ? 60 : 1) };
  const { months, days, seconds } = period.duration;
  return { kind: "calendar", amount: (months * 30 + days) * 86_400 + seconds };
}

/** Escalations run without a user, so a condition cannot read who acts. */
function readCondition({ problems, data }: Place, value: unknown, path: Path): ConditionRule | null {
  if (value === undefined) return null;
  const scope = { data, input: null, isAction: false };
  const read = readWrittenCondition(problems, value, path, { scope, example: "data.amount > 1000" });
  const personal = read && pathsOf(read.tree).find(([root]) => root === "actor");
  if (personal)
    problems.add(
      path,
      "BAD_CONDITION",
      `The condition of an escalation cannot read ${quote(personal.join("."))}: it is evaluated without a user.`,
    );
  return read && { tree: read.tree, source: read.source };
}

function readReassignment(reading: Place, value: unknown, path: Path): Reassignment | null {
  if (value === undefined) return null;
  if (value === "lead") return { kind: "lead" };
  const source = readObject(reading.problems, value, path, ["roles", "route"]);
  if (!source) return null;
  if ((source["roles"] === undefined) === (source["route"] === undefined)) {
    reading.problems.add(path, "BAD_VALUE", "`reassign` must be lead, { roles: [manager] } or { route: facilities }.");
    return null;
  }
  if (source["roles"] !== undefined) return { kind: "roles", roles: readRoles(reading, source, path) };
  const route = readText(reading.problems, source, "route", path, { maxChars: 64, pattern: ROUTE, like: "facilities" });
  return route === null ? null : { kind: "route", route };
}

function readPriority({ problems }: Place, value: unknown, path: Path): TaskPriority | null {
  if (value === undefined) return null;
  const priority = TASK_PRIORITIES.find((one) => one === value) ?? null;
  if (priority === null) problems.add(path, "BAD_VALUE", `priority must be one of ${TASK_PRIORITIES.join(", ")}, not ${quote(value)}.`);
  return priority;
}

function readRaise({ problems, data }: Place, value: unknown, path: Path): FieldRaise | null {
  if (value === undefined) return null;
  const source = readObject(problems, value, path, ["field", "to"]);
  const field =
    source &&
    readText(problems, source, "field", path, {
      maxChars: 70,
      isRequired: true,
      pattern: /^data\.[A-Za-z_][A-Za-z0-9_-]*$/,
      like: "data.priority",
    });
  if (!source || field === null || !data) return null;
  const name = field.slice("data.".length);
  const property = data.root.properties.get(name);
  const order = property?.enum ?? null;
  if (!order) {
    const why = property
      ? "has no `enum` with its values in ascending order"
      : `is not in the schema of the data.${didYouMean(name, data.root.properties.keys())}`;
    problems.add([...path, "field"], "UNKNOWN_PATH", `${quote(field)} ${why}`);
    return null;
  }
  const to = order.find((one) => one === source["to"]);
  if (to !== undefined) return { field: name, order, to };
  problems.add(
    [...path, "to"],
    "BAD_VALUE",
    `${quote(source["to"])} is not a value of ${field}. Use one of ${order.map(quote).join(", ")}.`,
  );
  return null;
}

/** The transition must be one that needs nothing from a person, of the state, or of any state that the instance can be in. */
function readFire({ problems, states }: Place, source: Source, path: Path, on: EscalationAnchor): string | null {
  const fire = readText(problems, source, "fire", path, { maxChars: 64, pattern: NAME, like: "escalate" });
  if (fire === null) return null;
  const where = [...path, "fire"];
  const possible = on.kind === "state" ? [...states.values()].filter(({ name }) => name === on.state) : [...states.values()];
  const found = possible.flatMap(({ transitions }) => transitions.get(fire) ?? []);
  const [why] = found.map(whyUnattended);
  if (found.length === 0) {
    const names = possible.flatMap(({ transitions }) => [...transitions.keys()]);
    const place = on.kind === "state" ? `The state ${quote(on.state)} has` : "No state has a";
    problems.add(where, "BAD_VALUE", `${place}${on.kind === "state" ? " no" : ""} transition ${quote(fire)}.${didYouMean(fire, names)}`);
  } else if (found.every((one) => whyUnattended(one) !== null))
    problems.add(where, "BAD_VALUE", `An escalation cannot fire ${quote(fire)}: it ${why ?? ""}.`);
  return fire;
}
