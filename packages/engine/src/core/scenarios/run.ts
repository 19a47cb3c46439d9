import { assign } from "../assign.js";
import { cancel } from "../cancel.js";
import { childEnded } from "../child-ended.js";
import { changeData } from "../change-data.js";
import { addDuration } from "../durations.js";
import { fire } from "../fire.js";
import type { Machine } from "../machine.js";
import { quote, type Path } from "../problems.js";
import { reoffered } from "../reoffer.js";
import { settle } from "../settle.js";
import { ENTERS, snapshotAfter } from "../snapshot-after.js";
import { start } from "../start.js";
import type { Actor } from "../actor.js";
import type { FireResult, Outcome, TaskToOpen } from "../outcome.js";
import type { Rejection } from "../rejection.js";
import type { Snapshot } from "../snapshot.js";
import { tick, withTicks } from "../ticks.js";
import { mismatches } from "./compare.js";
import { isOffered, namesNobody, type OpenTask, type Run, type ScenarioFailure } from "./progress.js";
import type { Act, Scenario } from "./scenario.js";

export type ScenarioResult = {
  readonly name: string;
  /** None: it passed. A step that fails is the last one. */
  readonly failures: readonly ScenarioFailure[];
  readonly end: Run | null;
};

/** Runs the scenarios one after the other, with a pause after each step, so that the caller decides how long it goes on. */
export function* runScenarios(machine: Machine): Generator<void, readonly ScenarioResult[], void> {
  const results: ScenarioResult[] = [];
  for (const [index, scenario] of machine.scenarios.entries()) results.push(yield* runScenario(machine, scenario, ["scenarios", index]));
  return results;
}

function* runScenario(machine: Machine, scenario: Scenario, path: Path): Generator<void, ScenarioResult, void> {
  const { name, given, steps, expect } = scenario;
  const failed = (where: Path, message: string, end: Run | null): ScenarioResult => ({ name, failures: [{ path: where, message }], end });
  const begun = start(machine, { data: given.data, ownerId: given.owner.id, assignee: given.assignee, actor: given.owner, now: given.now });
  if (!begun.ok) return failed([...path, "given"], `It cannot be started: ${reasonOf(begun.rejection)}`, null);
  let run = after(machine, blank(machine, scenario), begun.outcome, given.owner);
  for (const [index, step] of steps.entries()) {
    yield;
    const where = [...path, "steps", index];
    if (step.act) {
      const next = perform(machine, run, step.act);
      if (typeof next === "string") return failed(where, next, run);
      run = next;
    }
    const failures = step.expect ? mismatches(run, step.expect, [...where, "expect"]) : [];
    if (failures.length > 0) return { name, failures, end: run };
  }
  yield;
  return { name, failures: mismatches(run, expect, [...path, "expect"]), end: run };
}

function blank(machine: Machine, { given }: Scenario): Run {
  const snapshot: Snapshot = {
    state: machine.initial,
    status: "RUNNING",
    data: {},
    version: 0,
    ownerId: given.owner.id,
    teamId: null,
    assignee: given.assignee,
    openTasks: [],
  };
  return { snapshot, now: given.now, visited: [], tasks: [], ticks: new Map(), incident: null, routes: given.routes };
}

/** The move and all that follows from it by itself. */
function after(machine: Machine, before: Run, first: Outcome, actor: Actor): Run {
  return settle(machine, before.snapshot, first, actor).reduce((run, settled): Run => {
    const outcome = { ...settled, openTasks: settled.openTasks.map((task) => routed(task, before.routes)) };
    const closed = new Set(outcome.closeTasks.map(({ id }) => id));
    const isEntry = ENTERS.has(outcome.kind) || outcome.to !== outcome.from;
    return {
      ...run,
      snapshot: snapshotAfter(run.snapshot, outcome),
      visited: isEntry ? [...run.visited, outcome.to] : run.visited,
      tasks: [
        ...run.tasks.filter(({ id }) => !closed.has(id)),
        ...outcome.openTasks.map((task, index) => ({ ...task, id: `${outcome.version.to}-${index}` })),
      ],
      incident: outcome.incident ?? run.incident,
    };
  }, before);
}

/** Whom a route chooses is offered the task in place of the others. */
function routed(task: TaskToOpen, routes: Run["routes"]): TaskToOpen {
  const chosen = task.route === null ? undefined : routes.get(task.route);
  return chosen ? { ...task, candidates: { roles: [], users: chosen.map(({ id }) => id), teams: [], vendors: [] } } : task;
}

/** The run after the act, or why it is not as the scenario says. */
function perform(machine: Machine, run: Run, act: Act): Run | string {
  const { snapshot, now } = run;
  switch (act.kind) {
    case "advance":
      return { ...run, now: addDuration(now, act.duration) };
    case "refused":
      return refuse(machine, run, act);
    case "claim": {
      // Who manages tasks assigns them; he claims what is offered to him as others do, and what is offered to nobody.
      const task = findTask(run, act, (one) => isOffered(one, act.by) || (act.by.managesTasks === true && namesNobody(one)));
      if (typeof task === "string") return task;
      const openTasks = snapshot.openTasks.map((one) => (one.id === task.id ? { ...one, assigneeId: act.by.id } : one));
      return { ...run, snapshot: { ...snapshot, openTasks } };
    }
    case "tick": {
      const task = findTask(run, act);
      if (typeof task === "string") return task;
      const ticks = tick(run.ticks, task.id, act.items);
      return { ...run, ticks, snapshot: withTicks(machine, snapshot, ticks) };
    }
    case "fire":
      return done(machine, run, act, fire(machine, snapshot, { ...requestOf(act), now }));
    case "complete": {
      const task = findTask(run, act);
      if (typeof task === "string") return task;
      return done(machine, run, act, fire(machine, snapshot, { ...requestOf(act), taskId: task.id, now }));
    }
    case "data":
      return done(machine, run, act, changeData(machine, snapshot, { patch: act.patch, actor: act.by, now }));
    case "child":
      return endChild(machine, run, act);
    case "assign":
      return reassigned(machine, run, act);
    case "cancel":
      return done(machine, run, act, cancel(machine, snapshot, { actor: act.by, comment: act.comment, now }));
    default:
      return act satisfies never;
  }
}

/** Tasks that wait for the assignee wait for the new one. */
function reassigned(machine: Machine, run: Run, act: Extract<Act, { kind: "assign" }>): Run | string {
  const request = { to: act.to, actor: act.by, now: run.now };
  const next = done(machine, run, act, assign(machine, run.snapshot, request));
  if (typeof next === "string") return next;
  const offers = new Map(reoffered(machine, run.snapshot, request).map(({ isKept: _kept, ...offer }) => [offer.id, offer]));
  const openTasks = next.snapshot.openTasks.map((task) => ({ ...task, ...offers.get(task.id) }));
  const tasks = next.tasks.map((task): OpenTask => {
    const offer = offers.get(task.id);
    if (!offer) return task;
    const { candidateUserIds: users, candidateTeamIds: teams, candidateVendorIds: vendors } = offer;
    return { ...task, candidates: { ...task.candidates, users, teams, vendors } };
  });
  return { ...next, snapshot: { ...next.snapshot, openTasks }, tasks };
}

function endChild(machine: Machine, run: Run, { rule, index, ending, data, by, name }: Extract<Act, { kind: "child" }>): Run | string {
  const { snapshot, now } = run;
  const children = snapshot.children ?? [];
  const meant = children.find((child) => child.rule === rule && child.index === index && child.ending === null);
  if (!meant) {
    const running = children.filter((child) => child.ending === null).map((child) => `${child.rule} ${child.index}`);
    return `There is no running child ${rule} ${index} that ${name} could end; ${running.length > 0 ? `running are: ${running.join(", ")}` : "none is running"}.`;
  }
  const ended = children.map((child) => (child === meant ? { ...child, ending, data: data ?? {} } : child));
  const before = { ...snapshot, children: ended };
  return after(machine, { ...run, snapshot: before }, childEnded(before, { rule, index, ending, actor: by, now }), by);
}

type Filled = Extract<Act, { readonly transition: string }>;

const requestOf = ({ transition, by, input, comment }: Filled) => ({ transition, actor: by, comment, ...(input && { input }) });

function done(machine: Machine, run: Run, act: Exclude<Act, { kind: "advance" }>, result: FireResult): Run | string {
  if (result.ok) return after(machine, run, result.outcome, act.by);
  const what = "transition" in act ? act.transition : act.kind;
  return `${quote(what)} by ${act.name} is refused: ${reasonOf(result.rejection)}`;
}

function refuse(machine: Machine, run: Run, act: Extract<Act, { kind: "refused" }>): Run | string {
  const what = `${quote(act.transition)} by ${act.name}`;
  const found = act.task === null ? null : findTask(run, { by: act.by, name: act.name, task: act.task });
  if (typeof found === "string" && (act.because === null || act.because === "task")) return run;
  // One that is somebody else's is refused as in life: with the reason why.
  const task = typeof found === "string" ? run.tasks.find(({ rule }) => rule === act.task) : found;
  if (typeof found === "string" && !task) return `${what} is refused for another reason: ${found}`;
  const result = fire(machine, run.snapshot, { ...requestOf(act), ...(task && { taskId: task.id }), now: run.now });
  if (result.ok) return `${what} is not refused: it leads to ${quote(result.outcome.to)}.`;
  if (act.because === null || result.rejection.reasons.some(({ rule }) => rule === act.because)) return run;
  return `${what} is refused, but not because of ${act.because}: ${reasonOf(result.rejection)}`;
}

type Wanted = { readonly by: Actor; readonly name: string; readonly task: string | null; readonly copy?: number | null };

/** The open task that is meant: one's own before one that is offered by name, that before the others; who manages tasks has them all. */
function findTask(
  { tasks, snapshot }: Run,
  { by, name, task: rule, copy = null }: Wanted,
  isHis = (task: OpenTask): boolean => isOffered(task, by) || by.managesTasks === true,
): OpenTask | string {
  const open = tasks.filter((task) => (rule === null ? task.state === snapshot.state : task.rule === rule));
  const meant = open.filter((task) => copy === null || task.copy === copy);
  if (meant.length === 0) {
    const names = tasks.map((task) => (copy === null ? task.rule : `${task.rule} ${task.copy}`)).join(", ");
    return `There is no open task ${rule === null ? "here" : quote(rule)}${copy === null ? "" : ` number ${copy}`}; ${names ? `open are: ${names}.` : "none is open."}`;
  }
  const holder = new Map(snapshot.openTasks.map(({ id, assigneeId }) => [id, assigneeId]));
  const own = meant.find((task) => holder.get(task.id) === by.id);
  const free = meant.filter((task) => !holder.get(task.id) && isHis(task));
  const found = own ?? free.find((task) => task.candidates.users.includes(by.id)) ?? free[0];
  return found ?? `The task ${quote(meant[0]?.rule)} is not offered to ${name}, or somebody else has claimed it.`;
}

function reasonOf({ reasons, problems }: Rejection): string {
  return [...reasons.map(({ message }) => message), ...problems.map(({ path, message }) => `${path}: ${message}`)].slice(0, 5).join(" ");
}
