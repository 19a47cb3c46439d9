import { callName } from "../model/call.js";
import type { JsonObject } from "../model/json.js";
import { quote, type Path } from "../model/problems.js";
import { jsonEqual } from "../model/values.js";
import { standingOf, type SlaStanding } from "../sla/ledger.js";
import type { MadeCall } from "./calls.js";
import type { Effect } from "./effects.js";
import { isOffered, type OpenTask, type Run, type ScenarioFailure } from "./progress.js";
import type { Environment } from "./environment.js";
import type { Expectation, ExpectedCall, ExpectedClock, ExpectedLevel, ExpectedTask } from "../model/scenarios/scenario.js";

/** More calls would not be useful in a message. */
const MAX_LISTED = 50;

/** Returns every difference between the run and the expectation. */
export function mismatches(environment: Environment, run: Run, expect: Expectation, path: Path): readonly ScenarioFailure[] {
  const { snapshot, visited, incident } = run;
  const failures: ScenarioFailure[] = [];
  const add = (key: string, message: string): void => void failures.push({ path: [...path, key], message });
  if (incident && expect.incident === undefined && expect.status !== "FAILED")
    add("incident", `An incident was opened: ${incident.message}`);
  if (expect.incident !== undefined && incident?.kind !== expect.incident)
    add("incident", `Expected an incident ${expect.incident}, found ${incident ? `${incident.kind}: ${incident.message}` : "none"}.`);
  if (expect.state !== undefined && expect.state !== snapshot.state)
    add("state", `Expected the state ${quote(expect.state)}, found ${quote(snapshot.state)}.`);
  if (expect.status !== undefined && expect.status !== snapshot.status)
    add("status", `Expected the status ${expect.status}, found ${snapshot.status}.`);
  if (expect.path && expect.path.join() !== visited.join())
    add("path", `Expected the path ${expect.path.join(" → ")}, found ${visited.join(" → ")}.`);
  failures.push(...valueMismatches(snapshot.data, expect.data, [...path, "data"]));
  const running = (snapshot.children ?? []).filter(({ ending }) => ending === null).map(({ rule }) => rule);
  if (expect.children && expect.children.toSorted().join() !== running.toSorted().join())
    add("children", `Expected the running children ${expect.children.join(", ") || "none"}, found ${running.join(", ") || "none"}.`);
  if (expect.tasks) failures.push(...taskMismatches(run, expect.tasks, [...path, "tasks"]));
  for (const [key, clock] of expect.sla ?? [])
    failures.push(...clockMismatches(standingsOf(environment, run, key), key, clock, [...path, "sla", key]));
  if (expect.escalations) failures.push(...levelMismatches(run, expect.escalations, [...path, "escalations"]));
  if (expect.calls) failures.push(...callMismatches(run, expect.calls, [...path, "calls"]));
  return failures;
}

/** Compares only the expected values. */
export function valueMismatches(values: JsonObject, expected: JsonObject = {}, path: Path): ScenarioFailure[] {
  return Object.entries(expected).flatMap(([name, value]): ScenarioFailure[] => {
    const found = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === null ? found === undefined || found === null : jsonEqual(value, found)) return [];
    return [{ path: [...path, name], message: `Expected ${quote(value)}, found ${found === undefined ? "nothing" : quote(found)}.` }];
  });
}

function callMismatches({ calls }: Run, expected: readonly ExpectedCall[], path: Path): ScenarioFailure[] {
  const textOf = ({ outcome, reason, ...call }: MadeCall): string => `${callName(call)} ${outcome}${reason === null ? "" : ` (${reason})`}`;
  const all = calls.slice(0, MAX_LISTED).map(textOf).join(", ") || "none";
  const failures = expected.flatMap((one, index): ScenarioFailure[] => {
    const found = calls[index];
    const isMade = found && callName(found) === callName(one) && (one.outcome === undefined || one.outcome === found.outcome);
    if (isMade) return valueMismatches(found.input, one.input, [...path, index, "input"]);
    const wanted = [callName(one), one.outcome].filter((part) => part !== undefined).join(" ");
    return [{ path: [...path, index], message: `Expected ${wanted}, found ${found ? textOf(found) : "nothing"}. All calls: ${all}.` }];
  });
  if (calls.length > expected.length && failures.length === 0)
    failures.push({ path, message: `There were more calls than expected: ${all}.` });
  return failures;
}

/** What the clock of an SLA says; of those of tasks, each. */
function standingsOf({ machine, sla }: Environment, { clocks, now }: Run, key: string): SlaStanding[] {
  const found = clocks.filter(({ rule }) => rule === key);
  const meant = machine.slas.get(key)?.scope.kind === "task" ? found : found.slice(-1);
  return meant.map(({ clock }) => standingOf(clock, now, sla.calendarOf));
}

function clockMismatches(found: readonly SlaStanding[], key: string, expected: ExpectedClock | null, path: Path): ScenarioFailure[] {
  const said = found.map(({ status, dueAt }) => `${status}, due ${dueAt ?? "never"}`).join("; ") || "no clock";
  if (expected === null)
    return found.length === 0 ? [] : [{ path, message: `Expected no clock of the SLA ${quote(key)}, found one: ${said}.` }];
  const { status, due } = expected;
  const fits = (one: SlaStanding): boolean =>
    (status === undefined || one.status === status) &&
    (due === undefined || (due === null ? one.dueAt === null : one.dueAt !== null && Date.parse(one.dueAt) === Date.parse(due)));
  if (found.some(fits)) return [];
  const wanted = [status, due === undefined ? undefined : `due ${due ?? "never"}`].filter((one) => one !== undefined).join(", ");
  return [{ path, message: `Expected the SLA ${quote(key)} to be ${wanted}, found ${said}.` }];
}

function levelMismatches({ effects }: Run, expected: readonly ExpectedLevel[], path: Path): ScenarioFailure[] {
  const found = effects.filter(({ kind }) => kind === "ESCALATION");
  const textOf = ({ name, level, outcome, reason }: Effect): string =>
    `${name} ${level} ${outcome}${reason === null ? "" : ` (${reason})`}`;
  const all = found.map(textOf).join(", ") || "none";
  const failures = expected.flatMap(({ escalation, level, outcome }, index): ScenarioFailure[] => {
    const one = found[index];
    const fits =
      one?.name === escalation && (level === undefined || one.level === level) && (outcome === undefined || one.outcome === outcome);
    const wanted = [escalation, level, outcome].filter((part) => part !== undefined).join(" ");
    return fits
      ? []
      : [{ path: [...path, index], message: `Expected ${wanted}, found ${one ? textOf(one) : "nothing"}. All levels: ${all}.` }];
  });
  if (found.length > expected.length && failures.length === 0)
    failures.push({ path, message: `There were more levels of escalations than expected: ${all}.` });
  return failures;
}

/** The most specific expectation is matched first. Tasks without details are interchangeable. */
function taskMismatches(run: Run, expected: readonly ExpectedTask[], path: Path): ScenarioFailure[] {
  const left = [...run.tasks];
  const failures: ScenarioFailure[] = [];
  const entries = [...expected.entries()].toSorted(([, a], [, b]) => detail(b) - detail(a));
  for (const [index, one] of entries) {
    const found = left.findIndex((task) => fits(run, task, one));
    if (found >= 0) left.splice(found, 1);
    else failures.push({ path: [...path, index], message: missing(run, one, left) });
  }
  if (left.length > 0)
    failures.push({ path, message: `There are more open tasks than expected: ${left.map(({ rule }) => rule).join(", ")}.` });
  return failures;
}

const detail = ({ due, offeredTo }: ExpectedTask): number => (due === undefined ? 0 : 1) + (offeredTo ? 1 : 0);

function fits({ snapshot }: Run, task: OpenTask, { task: rule, due, offeredTo }: ExpectedTask): boolean {
  const isDue =
    due === undefined || (due === null ? task.dueAt === null : task.dueAt !== null && Date.parse(task.dueAt) === Date.parse(due));
  const holder = snapshot.openTasks.find(({ id }) => id === task.id)?.assigneeId ?? null;
  const isFor = !offeredTo || (holder === null ? isOffered(task, offeredTo) : holder === offeredTo.id);
  return task.rule === rule && isDue && isFor;
}

function missing(run: Run, { task: rule, due, offeredTo }: ExpectedTask, left: readonly OpenTask[]): string {
  const alike = left.filter((task) => task.rule === rule);
  const details = [due === undefined ? "" : ` due ${due ?? "never"}`, offeredTo ? ` for ${offeredTo.id}` : ""].join("");
  const found =
    alike.length > 0
      ? `but it is due ${alike.map(({ dueAt }) => dueAt ?? "never").join(", ")}`
      : `but the open tasks are: ${run.tasks.map((task) => task.rule).join(", ") || "none"}`;
  return `Expected the open task ${quote(rule)}${details}, ${found}.`;
}
