/** Reads the service-level agreements of a definition: `slas`, and `sla` of states and tasks. */
import type { ConditionRule } from "../model/condition.js";
import { parsePeriod } from "../calendar/periods.js";
import { readCalendar } from "../calendar/read.js";
import { pathsOf } from "../conditions/paths.js";
import { readWrittenCondition } from "../conditions/read.js";
import { NAME, readFlag, readObject, readText, readTexts, titleOf, valueOr, type Reading, type Source } from "../document/reader.js";
import type { Period } from "../model/calendar.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import { RECIPIENTS, type Recipient } from "../model/timer.js";
import type { SlaNotify, SlaScope, SlaTarget, SlaTrigger, SlaWarning } from "../model/sla/rule.js";

export const MAX_SLAS = 20;
const MAX_TARGETS = 20;
export const MAX_WARNINGS = 5;
const SHORT_KEYS = ["title", "target", "calendar", "pause", "warn", "notify"];
const KEYS = [...SHORT_KEYS, "start", "stop", "reset"];
const DEFAULT_WARNING = ["80%"];
/** A task that nobody has claimed is a matter of its candidates. */
export const DEFAULT_NOTIFY: SlaNotify = { warning: ["assignee", "candidates"], breach: ["assignee", "candidates", "lead"] };

/** Reads `slas`: the agreements about the whole instance. */
export function readSlas(reading: Reading, value: unknown): void {
  if (value === undefined) return;
  const { problems } = reading;
  const entries = Object.entries(readObject(problems, value, ["slas"], null) ?? {});
  if (entries.length === 0) problems.add(["slas"], "BAD_VALUE", "There are no SLAs here. Add at least one, or omit the key.");
  for (const [name, body] of entries) {
    const path = ["slas", name];
    if (NAME.test(name)) readSla(reading, body, path, { name, scope: { kind: "instance" } });
    else problems.add(path, "BAD_VALUE", `${quote(name)} is not a valid SLA name. Names look like resolution.`);
  }
}

/** Reads `sla` of a state or a task, which has its name. A text is its target. */
export function readShortSla(reading: Reading, value: unknown, path: Path, scope: Exclude<SlaScope, { kind: "instance" }>): void {
  if (value === undefined) return;
  const name = scope.kind === "state" ? scope.state : scope.rule;
  readSla(reading, typeof value === "string" ? { target: value } : value, path, { name, scope });
}

type Named = { readonly name: string; readonly scope: SlaScope };

/** The key of a rule among those of its definition: a state and its task have the same name. */
export const keyOf = ({ name, scope }: { readonly name: string; readonly scope: SlaScope }): string =>
  scope.kind === "task" ? `task:${name}` : name;

function readSla(reading: Reading, value: unknown, path: Path, { name, scope }: Named): void {
  const { problems, slas } = reading;
  const source = readObject(problems, value, path, scope.kind === "instance" ? KEYS : SHORT_KEYS);
  if (!source) return;
  const key = keyOf({ name, scope });
  if (slas.has(key))
    problems.add(path, "BAD_VALUE", `There is already an SLA named ${quote(name)}. The SLA of a state has the name of the state.`);
  if (slas.size >= MAX_SLAS) {
    if (slas.size === MAX_SLAS) problems.add(path, "TOO_LARGE", `There are more than ${MAX_SLAS} SLAs, which is the maximum.`);
    return;
  }
  const trigger = (at: string): SlaTrigger | null => readTrigger(reading, source[at], [...path, at], { isPause: at === "pause", scope });
  slas.set(key, {
    name,
    title: readText(problems, source, "title", path, { maxChars: 200 }) ?? titleOf(name),
    scope,
    targets: readTargets(reading, source["target"], [...path, "target"]),
    calendar: readCalendar(reading, source, path),
    start: trigger("start"),
    pause: trigger("pause"),
    stop: trigger("stop"),
    reset: trigger("reset"),
    warn: readWarnings(reading, valueOr(source, "warn", DEFAULT_WARNING), [...path, "warn"]),
    notify: readNotify(reading, source["notify"], [...path, "notify"]),
  });
}

function readTargets(reading: Reading, value: unknown, path: Path): readonly SlaTarget[] {
  const { problems } = reading;
  if (value === undefined) problems.add(path, "MISSING", 'The key "target" is missing, for example target: 8 working hours.');
  if (!Array.isArray(value)) {
    const target = value === undefined ? null : readPeriod(reading, value, path);
    return target ? [{ when: null, target }] : [];
  }
  if (value.length === 0 || value.length > MAX_TARGETS)
    problems.add(path, "BAD_VALUE", `A list of targets has 1 to ${MAX_TARGETS} entries, not ${value.length}.`);
  const cases = value.slice(0, MAX_TARGETS);
  return cases.flatMap((one: unknown, index): SlaTarget[] => {
    const where = [...path, index];
    const source = readObject(problems, one, where, ["when", "target"]);
    if (!source) return [];
    const when = readCondition(reading, source["when"], [...where, "when"]);
    if (source["when"] === undefined && index < cases.length - 1)
      problems.add(where, "BAD_VALUE", "A target without `when` always applies, so it must be the last.");
    const target = readPeriod(reading, source["target"], [...where, "target"]);
    return target ? [{ when, target }] : [];
  });
}

function readPeriod({ problems }: Reading, value: unknown, path: Path): Period | null {
  const period = typeof value === "string" ? parsePeriod(value) : null;
  if (!period) problems.add(path, "BAD_VALUE", badTarget(value));
  return period;
}

type TriggerPlace = { readonly isPause: boolean; readonly scope: SlaScope };

function readTrigger(reading: Reading, value: unknown, path: Path, { isPause, scope }: TriggerPlace): SlaTrigger | null {
  if (value === undefined) return null;
  const { problems, stateNames } = reading;
  const ofState = scope.kind === "state";
  const keys = [...(ofState ? [] : ["states"]), "when", ...(isPause ? ["waitingForInformation"] : [])];
  const source = readObject(problems, value, path, keys);
  if (!source) return null;
  if (Object.keys(source).length === 0)
    problems.add(path, "BAD_VALUE", `The block has no condition. Use ${keys.join(" or ")}, or omit it.`);
  return {
    states: ofState ? [] : readStates(reading, source, path, stateNames),
    when: readCondition(reading, source["when"], [...path, "when"]),
    waitingForInformation: readFlag(problems, source, "waitingForInformation", path),
  };
}

const readStates = ({ problems }: Reading, source: Source, path: Path, known: ReadonlySet<string>): readonly string[] =>
  readTexts(problems, source, "states", path, (state, where) => {
    if (!known.has(state)) problems.add(where, "UNKNOWN_STATE", `There is no state ${quote(state)}.${didYouMean(state, known)}`);
  });

/** Clocks run without a user, so a condition cannot read who acts. */
function readCondition({ problems, data }: Reading, value: unknown, path: Path): ConditionRule | null {
  if (value === undefined) return null;
  const scope = { data, input: null, isAction: false };
  const read = readWrittenCondition(problems, value, path, { scope, example: "data.priority == 'urgent'" });
  const personal = read && pathsOf(read.tree).find(([root]) => root === "actor");
  if (personal)
    problems.add(
      path,
      "BAD_CONDITION",
      `The condition of an SLA cannot read ${quote(personal.join("."))}: it is evaluated without a user.`,
    );
  return read && { tree: read.tree, source: read.source };
}

function readWarnings(reading: Reading, value: unknown, path: Path): readonly SlaWarning[] {
  const { problems } = reading;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MAX_WARNINGS) problems.add(path, "TOO_LARGE", `There are ${list.length} warnings; the maximum is ${MAX_WARNINGS}.`);
  return list.slice(0, MAX_WARNINGS).flatMap((one, index): SlaWarning[] => {
    const where = Array.isArray(value) ? [...path, index] : path;
    const warning = typeof one === "string" ? parseWarning(one) : null;
    if (warning) return [warning];
    problems.add(where, "BAD_VALUE", badWarning(one));
    return [];
  });
}

/** Returns null for text that is neither a share of the target nor a period. */
export function parseWarning(text: string): SlaWarning | null {
  const percent = /^([1-9]\d?)%$/.exec(text)?.[1];
  if (percent !== undefined) return { percent: Number(percent) };
  const before = parsePeriod(text);
  return before && { before };
}

export const badWarning = (given: unknown): string =>
  `${quote(given)} is not a valid warning. Use a share of the target such as 80%, or the time before it such as 1 working hour.`;

export const badTarget = (given: unknown): string =>
  `${quote(given)} is not a valid period. Use working time such as 8 working hours or 2 working days, or a duration such as PT4H or P2D.`;

/** Reads `notify: { warning: [assignee], breach: [assignee, lead] }`. An empty list notifies nobody. */
function readNotify({ problems }: Reading, value: unknown, path: Path): SlaNotify {
  const source = value === undefined ? null : readObject(problems, value, path, ["warning", "breach"]);
  if (!source) return DEFAULT_NOTIFY;
  if (Object.keys(source).length === 0)
    problems.add(path, "BAD_VALUE", "The block notifies as without it. Use warning or breach, or omit it.");
  const read = (key: keyof SlaNotify): readonly Recipient[] => {
    const list = source[key];
    if (list === undefined) return DEFAULT_NOTIFY[key];
    if (Array.isArray(list) && list.length === 0) return [];
    return readTexts(problems, source, key, path, (text, where) => {
      if (!RECIPIENTS.some((one) => one === text))
        problems.add(where, "BAD_VALUE", `${quote(text)} cannot be notified. Use ${RECIPIENTS.join(", ")}.${didYouMean(text, RECIPIENTS)}`);
    }) as readonly Recipient[];
  };
  return { warning: read("warning"), breach: read("breach") };
}
