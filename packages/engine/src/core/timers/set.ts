import { contextOf, type Context } from "../conditions/context.js";
import type { Machine, MachineState, TaskRule, TimerRule } from "../model/machine.js";
import type { Outcome } from "../model/outcome.js";
import type { Snapshot } from "../model/snapshot.js";
import type { TimerToClear, TimerToSet } from "../model/timer.js";
import { dueAtOf } from "./due-at.js";

/** Every set timer of the instance is cleared when it ends. */
export const clearsAll: readonly TimerToClear[] = [{ kind: null, name: null, taskId: null }];

/** Returns the timers that entering the state sets. */
export function stateTimers(machine: Machine, state: MachineState, after: Snapshot, outcome: Outcome): TimerToSet[] {
  if (state.timers.size === 0) return [];
  const context = contextAfter(machine, after, outcome);
  return [...state.timers.values()].flatMap((timer) => stateTimer(timer, state, { at: outcome.at, context }));
}

/** Returns one timer of a state; none if its time is absent. */
export const stateTimer = (
  timer: TimerRule,
  { name }: MachineState,
  at: { readonly at: string; readonly context: Context },
): TimerToSet[] => toSet(timer, { kind: "STATE", state: name, ...at });

/** Returns the timers that opening a task of the rule sets. */
export function taskTimers(
  { timers }: TaskRule,
  opened: { readonly state: string; readonly at: string; readonly context: Context; readonly dueAt: string | null },
): TimerToSet[] {
  return [...timers.values()].flatMap((timer) => toSet(timer, { kind: "TASK", ...opened }));
}

type Setting = {
  readonly kind: "STATE" | "TASK";
  readonly state: string;
  readonly at: string;
  readonly context: Context;
  readonly dueAt?: string | null;
};

function toSet(timer: TimerRule, { kind, state, at, context, dueAt: deadline }: Setting): TimerToSet[] {
  const due = dueAtOf(timer, at, context, deadline);
  if (due === null) return [];
  const common = { kind, name: timer.name, state, payload: { count: 1, effect: timer.effect.kind } };
  return ["dueAt" in due ? { ...common, dueAt: due.dueAt } : { ...common, dueAt: at, reason: due.reason }];
}

/** Returns what operands of timers see of an instance after an outcome. */
export function contextAfter({ showId, calendars }: Machine, snapshot: Snapshot, { actorId, onBehalfOf, at }: Outcome): Context {
  const principals = { userIds: [actorId], teamIds: [], vendorId: null };
  const actor = { id: actorId, roles: [], permissions: [], principals, ...(onBehalfOf !== null && { onBehalfOf }) };
  return contextOf(snapshot, { data: snapshot.data, actor, now: at, showId, calendars });
}
