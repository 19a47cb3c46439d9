import { MAX_AUTOMATIC, fireAutomatic, incidentOutcome } from "./fire-automatic.js";
import type { Actor } from "../model/actor.js";
import type { JsonObject } from "../model/json.js";
import type { Machine, MachineState, TimerRule } from "../model/machine.js";
import type { FireResult, Outcome } from "../model/outcome.js";
import { quote } from "../model/problems.js";
import { problemsText, reasonText } from "../model/rejection.js";
import type { Snapshot, SnapshotTask } from "../model/snapshot.js";
import type { Recipient, TimerToSet } from "../model/timer.js";
import { draftOf, finish } from "../outcome/finish.js";
import { runActions } from "../outcome/run-actions.js";
import { applyTransition } from "../transition/fire.js";
import { denialReasons } from "../transition/guards.js";
import { nextRepetition } from "../timers/due-at.js";

/** A timer of a definition that is due, as it was set. */
export type DueTimer = {
  readonly kind: "STATE" | "TASK";
  readonly name: string;
  readonly state: string;
  readonly taskId: string | null;
  readonly dueAt: string;
  /** Number of this repetition, from 1. */
  readonly count: number;
  /** As in `Outcome.timer`. */
  readonly depth: number;
};

/** A timer as it is stored. */
type StoredTimer = {
  readonly name: string;
  readonly state: string;
  readonly taskId?: string | null | undefined;
  readonly dueAt: string;
  readonly payload: Readonly<Record<string, unknown>>;
};

/** Returns a stored timer that is due. Without a count in its payload, it is the first repetition. */
export function dueTimerOf({ name, state, taskId = null, dueAt, payload }: StoredTimer, kind: DueTimer["kind"]): DueTimer {
  const { count, depth } = payload;
  return { kind, name, state, taskId, dueAt, count: typeof count === "number" ? count : 1, depth: typeof depth === "number" ? depth : 0 };
}

/** What a due timer does. `next`: its next repetition. */
export type TimerResult =
  | { readonly kind: "fired"; readonly outcomes: readonly [Outcome, ...Outcome[]] }
  | {
      readonly kind: "reminded";
      readonly notify: readonly Recipient[];
      readonly tasks: readonly SnapshotTask[];
      readonly next: TimerToSet | null;
    }
  | { readonly kind: "skipped"; readonly reason: string }
  /** Nothing can fire now: the instance is suspended, or has an incident. */
  | { readonly kind: "waits" };

/**
 * Decides what a due timer does now. A transition is fired whatever its `allow` says, because that is about people; its condition counts. Pure: equal
 * arguments give equal results.
 */
export function fireTimer(
  machine: Machine,
  snapshot: Snapshot,
  timer: DueTimer,
  { actor, now }: { actor: Actor; now: string },
): TimerResult {
  if (snapshot.status === "SUSPENDED" || snapshot.status === "FAILED") return { kind: "waits" };
  if (snapshot.status !== "RUNNING") return skipped(`The instance is ${snapshot.status}.`);
  const task = timer.taskId === null ? null : snapshot.openTasks.find(({ id }) => id === timer.taskId);
  if (task === undefined) return skipped("The task is no longer open.");
  const state = machine.states.get(snapshot.state);
  const rule = task ? machine.tasks.get(task.rule)?.timers.get(timer.name) : state?.timers.get(timer.name);
  if (!state || !rule) return skipped(`The definition has no timer ${quote(timer.name)} here.`);
  if (timer.depth > MAX_AUTOMATIC) {
    const message = `Timers that are due as soon as they are set would fire forever. The last one was ${quote(timer.name)}.`;
    const incident = { kind: "LOOP", message, place: `states.${state.name}` } as const;
    return { kind: "fired", outcomes: [incidentOutcome(snapshot, incident, { actor, now })] };
  }
  const next = repetitionOf(machine, rule, timer, now);
  if (rule.effect.kind === "remind") {
    const tasks = task ? [task] : snapshot.openTasks.filter((one) => one.state === snapshot.state);
    return { kind: "reminded", notify: rule.effect.notify, tasks, next };
  }
  const asked = { machine, snapshot, state, actor, now };
  const place = `${task ? `tasks.${task.rule}` : `states.${state.name}`}.timers.${timer.name}`;
  if (rule.effect.kind === "fire") {
    const result = fireTransition(asked, rule.effect.transition);
    return "reason" in result ? skipped(result.reason) : fired(asked, result, { timer, place, next: null });
  }
  return fired(asked, runTimerActions(asked, rule.effect.actions), { timer, place, next });
}

const skipped = (reason: string): TimerResult => ({ kind: "skipped", reason: reasonText([reason]) });

export type Asked = {
  readonly machine: Machine;
  readonly snapshot: Snapshot;
  readonly state: MachineState;
  readonly actor: Actor;
  readonly now: string;
};

function repetitionOf(
  { calendars }: Machine,
  rule: TimerRule,
  { kind, name, state, taskId, dueAt, count }: DueTimer,
  now: string,
): TimerToSet | null {
  const next = nextRepetition(rule, { dueAt, count, now, calendars });
  if (!next) return null;
  const payload = { count: next.count, effect: rule.effect.kind };
  return { kind, name, state, dueAt: next.dueAt, payload, ...(taskId !== null && { taskId }) };
}

/**
 * The rules about people do not count; the condition, and that the transition exists, do.
 * @param data the data that the transition writes, if it is not that of the instance; the condition reads it
 */
export function fireTransition(
  { machine, snapshot, state, actor, now }: Asked,
  name: string,
  data: JsonObject = snapshot.data,
): FireResult | { readonly reason: string } {
  const transition = state.transitions.get(name);
  if (!transition) return { reason: `The state ${quote(state.name)} has no transition ${quote(name)}.` };
  const reasons = denialReasons(machine, { ...snapshot, data, openTasks: [] }, { ...transition, allow: null }, { actor, now }).filter(
    ({ rule }) => rule === "when",
  );
  if (reasons.length > 0) return { reason: reasonText(reasons.map(({ message }) => message)) };
  return applyTransition(machine, snapshot, transition, { actor, now, input: null, comment: null, data });
}

export function runTimerActions({ machine, snapshot, state, actor, now }: Asked, actions: Parameters<typeof runActions>[1]): FireResult {
  const draft = draftOf(machine, snapshot, { actor, now, state: state.name, input: null, comment: null });
  runActions(draft, actions);
  return finish(machine, draft, { kind: "timer", before: snapshot, from: state.name, to: state, transition: null });
}

type Firing = { readonly timer: DueTimer; readonly place: string; readonly next: TimerToSet | null };

function fired({ machine, snapshot, actor, now }: Asked, result: FireResult, { timer, place, next }: Firing): TimerResult {
  if (!result.ok) {
    const message = reasonText([`The timer ${quote(timer.name)} cannot fire:`, problemsText(result.rejection.problems)]);
    return { kind: "fired", outcomes: [incidentOutcome(snapshot, { kind: "DATA", message, place }, { actor, now })] };
  }
  const { outcome } = result;
  const first: Outcome = { ...asTimed(outcome, timer), input: { timer: timer.name }, ...(next && { timersToSet: [next] }) };
  return { kind: "fired", outcomes: fireAutomatic(machine, snapshot, first, actor) };
}

/** What a timer causes. Tasks that it ends were completed by nobody, not even by the user who had claimed them. */
export const asTimed = (outcome: Outcome, { name, depth }: { readonly name: string; readonly depth: number }): Outcome => ({
  ...outcome,
  closeTasks: outcome.closeTasks.map(({ id }) => ({ id, reason: "superseded" })),
  isAutomatic: true,
  timer: { name, depth },
});
