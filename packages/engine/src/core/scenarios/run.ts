/**
 * Scenarios: runs the scenarios of a definition in memory, and simulates instances.
 * Each step calls the functions that a stored instance uses, so both always agree.
 * This module never writes anything and never reads the time: a scenario has a clock of its own.
 */
import { assign } from "../instance/assign.js";
import { cancel } from "../instance/cancel.js";
import { childEnded } from "../children/ended.js";
import { changeData } from "../instance/change-data.js";
import { calendarsWith, withCalendars } from "../calendar/compile.js";
import { fire } from "../transition/fire.js";
import type { Period } from "../model/calendar.js";
import type { StepType } from "../model/automation.js";
import type { Machine } from "../model/machine.js";
import { quote, type Path } from "../model/problems.js";
import { fireAutomatic } from "../automatic/fire-automatic.js";
import { start } from "../instance/start.js";
import type { Actor } from "../model/actor.js";
import type { FireResult, Outcome } from "../model/outcome.js";
import type { Rejection } from "../model/rejection.js";
import { checkItems, withCheckedItems } from "../tasks/checklist.js";
import { advance } from "./advance.js";
import { mismatches } from "./compare.js";
import { blankRun, isOffered, namesNobody, type OpenTask, type Run, type ScenarioResult } from "./progress.js";
import { receiveResult } from "./receive.js";
import { environmentOf, type Environment } from "./environment.js";
import { runAutomationScenario } from "./run-automation.js";
import { written } from "./written.js";
import type { Act, Scenario } from "../model/scenarios/scenario.js";

/** Runs the scenarios one after the other, with a pause after each step, so the caller decides how long it continues. */
export function* runScenarios(machine: Machine, types?: ReadonlyMap<string, StepType>): Generator<void, readonly ScenarioResult[], void> {
  const results: ScenarioResult[] = [];
  for (const [index, scenario] of machine.scenarios.entries()) results.push(yield* runScenario(machine, scenario, ["scenarios", index]));
  for (const [index, scenario] of machine.automationScenarios.entries())
    results.push(yield* runAutomationScenario(machine, scenario, ["scenarios", index], types));
  return results;
}

function* runScenario(compiled: Machine, scenario: Scenario, path: Path): Generator<void, ScenarioResult, void> {
  const { name, given, steps, expect } = scenario;
  const machine = given.calendar ? withCalendars(compiled, calendarsWith(given.calendar)) : compiled;
  const environment = environmentOf(machine, given);
  const failed = (where: Path, message: string, end: Run | null): ScenarioResult => ({ name, failures: [{ path: where, message }], end });
  const begun = start(machine, { data: given.data, ownerId: given.owner.id, assignee: given.assignee, actor: given.owner, now: given.now });
  if (!begun.ok) return failed([...path, "given"], `The instance cannot be started: ${reasonOf(begun.rejection)}`, null);
  const blank = blankRun({ state: machine.initial, ownerId: given.owner.id, teamId: null, assignee: given.assignee }, given.now);
  let run = after(environment, blank, begun.outcome, given.owner);
  for (const [index, step] of steps.entries()) {
    yield;
    const where = [...path, "steps", index];
    if (step.act) {
      const next = step.act.kind === "advance" ? yield* advanced(environment, run, step.act.period) : perform(environment, run, step.act);
      if (typeof next === "string") return failed(where, next, run);
      run = next;
    }
    const failures = step.expect ? mismatches(environment, run, step.expect, [...where, "expect"]) : [];
    if (failures.length > 0) return { name, failures, end: run };
  }
  yield;
  return { name, failures: mismatches(environment, run, expect, [...path, "expect"]), end: run };
}

/** Advances the clock, with a pause after each effect. */
function* advanced(environment: Environment, run: Run, period: Period): Generator<void, Run | string, void> {
  const advancing = advance(environment, run, period);
  for (let next = advancing.next(); ; next = advancing.next()) {
    if (next.done === true) return next.value;
    yield;
  }
}

/** Applies the outcome and everything that follows automatically. */
const after = (environment: Environment, before: Run, first: Outcome, actor: Actor): Run =>
  written(environment, before, fireAutomatic(environment.machine, before.snapshot, first, actor));

type Deed = Exclude<Act, { kind: "advance" }>;
type DeedOfPerson = Exclude<Deed, { kind: "call" }>;

/** Returns the run after the action, or why it differs from the scenario. */
function perform(environment: Environment, run: Run, act: Deed): Run | string {
  const { machine } = environment;
  const { snapshot, now } = run;
  switch (act.kind) {
    case "rejected":
      return expectRejection(machine, run, act);
    case "claim": {
      // Users who manage tasks assign them. They claim tasks that are offered to them like other users, and tasks that are offered to nobody.
      const task = findTask(run, act, (one) => isOffered(one, act.by) || (act.by.managesTasks === true && namesNobody(one)));
      if (typeof task === "string") return task;
      const openTasks = snapshot.openTasks.map((one) => (one.id === task.id ? { ...one, assigneeId: act.by.id } : one));
      return { ...run, snapshot: { ...snapshot, openTasks } };
    }
    case "check": {
      const task = findTask(run, act);
      if (typeof task === "string") return task;
      const checkedItems = checkItems(run.checkedItems, task.id, act.items);
      return { ...run, checkedItems, snapshot: withCheckedItems(machine, snapshot, checkedItems) };
    }
    case "fire":
      return done(environment, run, act, fire(machine, snapshot, { ...requestOf(act), now }));
    case "complete": {
      const task = findTask(run, act);
      if (typeof task === "string") return task;
      return done(environment, run, act, fire(machine, snapshot, { ...requestOf(act), taskId: task.id, now }));
    }
    case "data":
      return done(environment, run, act, changeData(machine, snapshot, { patch: act.patch, actor: act.by, now }));
    case "child":
      return endChild(environment, run, act);
    case "call": {
      const received = receiveResult(environment, run, act);
      return typeof received === "string" ? received : received.run;
    }
    case "assign":
      return done(environment, run, act, assign(machine, snapshot, { to: act.to, actor: act.by, now }));
    case "cancel":
      return done(environment, run, act, cancel(machine, snapshot, { actor: act.by, comment: act.comment, now }));
    default:
      return act satisfies never;
  }
}

function endChild(
  environment: Environment,
  run: Run,
  { rule, index, ending, data, by, name }: Extract<Act, { kind: "child" }>,
): Run | string {
  const { snapshot, now } = run;
  const children = snapshot.children ?? [];
  const meant = children.find((child) => child.rule === rule && child.index === index && child.ending === null);
  if (!meant) {
    const running = children.filter((child) => child.ending === null).map((child) => `${child.rule} ${child.index}`);
    return `There is no running child ${rule} ${index} that ${name} could end; ${running.length > 0 ? `the running children are: ${running.join(", ")}` : "no child is running"}.`;
  }
  const ended = children.map((child) => (child === meant ? { ...child, ending, data: data ?? {} } : child));
  const before = { ...snapshot, children: ended };
  return after(environment, { ...run, snapshot: before }, childEnded(before, { rule, index, ending, actor: by, now }), by);
}

type Filled = Extract<Act, { readonly transition: string }>;

const requestOf = ({ transition, by, input, comment }: Filled) => ({ transition, actor: by, comment, ...(input && { input }) });

function done(environment: Environment, run: Run, act: DeedOfPerson, result: FireResult): Run | string {
  if (result.ok) return after(environment, run, result.outcome, act.by);
  const what = "transition" in act ? act.transition : act.kind;
  return `${quote(what)} by ${act.name} is rejected: ${reasonOf(result.rejection)}`;
}

function expectRejection(machine: Machine, run: Run, act: Extract<Act, { kind: "rejected" }>): Run | string {
  const what = `${quote(act.transition)} by ${act.name}`;
  const found = act.task === null ? null : findTask(run, { by: act.by, name: act.name, task: act.task });
  if (typeof found === "string" && (act.because === null || act.because === "task")) return run;
  // A task of another user is rejected as it would be for a stored instance, with the reason.
  const task = typeof found === "string" ? run.tasks.find(({ rule }) => rule === act.task) : found;
  if (typeof found === "string" && !task) return `${what} is rejected for another reason: ${found}`;
  const result = fire(machine, run.snapshot, { ...requestOf(act), ...(task && { taskId: task.id }), now: run.now });
  if (result.ok) return `${what} is not rejected: it leads to ${quote(result.outcome.to)}.`;
  if (act.because === null || result.rejection.reasons.some(({ rule }) => rule === act.because)) return run;
  return `${what} is rejected, but not because of ${act.because}: ${reasonOf(result.rejection)}`;
}

type Wanted = { readonly by: Actor; readonly name: string; readonly task: string | null; readonly copy?: number | null };

/**
 * Returns the open task that is meant: first the person's own task, then one that is offered by name, then any other. Users who manage tasks can take
 * all of them.
 */
function findTask(
  { tasks, snapshot }: Run,
  { by, name, task: rule, copy = null }: Wanted,
  isHis = (task: OpenTask): boolean => isOffered(task, by) || by.managesTasks === true,
): OpenTask | string {
  const open = tasks.filter((task) => (rule === null ? task.state === snapshot.state : task.rule === rule));
  const meant = open.filter((task) => copy === null || task.copy === copy);
  if (meant.length === 0) {
    const names = tasks.map((task) => (copy === null ? task.rule : `${task.rule} ${task.copy}`)).join(", ");
    return `There is no open task ${rule === null ? "here" : quote(rule)}${copy === null ? "" : ` number ${copy}`}; ${names ? `the open tasks are: ${names}.` : "no task is open."}`;
  }
  const holder = new Map(snapshot.openTasks.map(({ id, assigneeId }) => [id, assigneeId]));
  const own = meant.find((task) => holder.get(task.id) === by.id);
  const free = meant.filter((task) => !holder.get(task.id) && isHis(task));
  const found = own ?? free.find((task) => task.candidates.users.includes(by.id)) ?? free[0];
  return found ?? `The task ${quote(meant[0]?.rule)} is not offered to ${name}, or another person has claimed it.`;
}

function reasonOf({ reasons, problems }: Rejection): string {
  return [...reasons.map(({ message }) => message), ...problems.map(({ path, message }) => `${path}: ${message}`)].slice(0, 5).join(" ");
}
