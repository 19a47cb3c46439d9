/** Decides what a level of an escalation does to its instance. */
import { evaluateCondition } from "../conditions/evaluate.js";
import type { Actor } from "../model/actor.js";
import type { ConditionRule } from "../model/condition.js";
import { quote } from "../model/problems.js";
import type { EscalationLevel, EscalationRule, FieldRaise } from "../model/escalation.js";
import type { NewIncident } from "../model/incident.js";
import type { Json } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import type { FireResult, Outcome } from "../model/outcome.js";
import { problemsText, reasonText } from "../model/rejection.js";
import type { Snapshot } from "../model/snapshot.js";
import { jsonEqual } from "../model/values.js";
import { systemContextOf } from "../timers/system-context.js";
import { fireAutomatic } from "./fire-automatic.js";
import { asTimed, fireTransition, runTimerActions, type Asked } from "./fire-timer.js";

export type Escalated = { readonly outcomes: readonly [Outcome, ...Outcome[]] } | { readonly reason: string };

export type Escalating = {
  readonly machine: Machine;
  readonly snapshot: Snapshot;
  readonly actor: Actor;
  readonly now: string;
  /** The chain, its level from 1, and as in `Outcome.timer`. */
  readonly chain: string;
  readonly level: number;
  readonly depth: number;
};

/** Fires the transition. A reason: it is not possible now. The rules about people do not count; the condition does. */
export function escalateTransition(escalating: Escalating, name: string): Escalated {
  const asked = askedOf(escalating);
  if ("reason" in asked) return asked;
  if (asked.state.transitions.get(name)?.requiresComment) return { reason: `The transition ${quote(name)} requires a comment.` };
  const result = fireTransition(asked, name);
  return "reason" in result ? result : escalatedBy(escalating, result);
}

/** Records the level in the history, with the properties that it raises. */
export function escalateData(escalating: Escalating, raises: readonly FieldRaise[]): Escalated {
  const asked = askedOf(escalating);
  if ("reason" in asked) return asked;
  const actions = raises.map(({ field, to }) => ({ kind: "set", path: [field], value: { value: to } }) as const);
  return escalatedBy(escalating, runTimerActions(asked, actions));
}

/** Whether raising changes the value: a value that is higher, or none of the enumeration, stays. An absent value is the lowest. */
export function isRaised({ field, order, to }: FieldRaise, data: Snapshot["data"]): boolean {
  const value: Json | undefined = data[field];
  const place = value === undefined || value === null ? -1 : order.findIndex((one) => jsonEqual(one, value));
  return (value === undefined || value === null || place >= 0) && place < order.findIndex((one) => jsonEqual(one, to));
}

/** Returns why the condition of a chain or a level does not hold; null if it does. */
export function whyUnmet(machine: Machine, snapshot: Snapshot, when: ConditionRule | null, now: string): string | null {
  if (when === null) return null;
  const result = evaluateCondition(when.tree, systemContextOf(machine, snapshot, now));
  return result.holds ? null : reasonText(result.failures.map(({ message }) => message));
}

/** Returns the IDs of the tasks that a level concerns: that of the chain, or the open tasks of the current state. */
export function concernedTasks({ openTasks, state }: Pick<Snapshot, "openTasks" | "state">, taskId: string | null): readonly string[] {
  const concerned = openTasks.filter((task) => (taskId === null ? task.state === state : task.id === taskId));
  return concerned.map(({ id }) => id);
}

/** A change of the instance by a level. `kind` null: only an entry in the history. */
export type LevelChange = {
  readonly kind: "RAISE" | "FIRE" | null;
  readonly from: string | null;
  readonly to: string | null;
  /** Null: nothing changes. */
  readonly decide: ((escalating: Escalating) => Escalated) | null;
};

/** Returns what a level changes in its instance, in order. A level that fires nothing has an entry of its own in the history. */
export function changesOfLevel({ raise, fire }: EscalationLevel, data: Snapshot["data"]): readonly LevelChange[] {
  const changes: LevelChange[] = [];
  if (raise) {
    const isHigher = isRaised(raise, data);
    const from = textOf(data[raise.field]);
    const decide = isHigher || fire === null ? (one: Escalating) => escalateData(one, isHigher ? [raise] : []) : null;
    changes.push({ kind: "RAISE", from, to: isHigher ? textOf(raise.to) : from, decide });
  } else if (fire === null) changes.push({ kind: null, from: null, to: null, decide: (one) => escalateData(one, []) });
  if (fire !== null) changes.push({ kind: "FIRE", from: null, to: fire, decide: (one) => escalateTransition(one, fire) });
  return changes;
}

const textOf = (value: Json | undefined): string | null =>
  value === undefined || value === null ? null : typeof value === "string" ? value : JSON.stringify(value);

/** Returns the outcome of a level from what its actions did: it has failed if one of them was not possible. */
export function resultOf(actions: readonly { readonly kind: string; readonly reason: string | null }[]): {
  readonly outcome: "DONE" | "FAILED";
  readonly reason: string | null;
} {
  const reasons = actions.flatMap(({ kind, reason }) => (reason === null ? [] : `${kind}: ${reason}`));
  return reasons.length === 0 ? { outcome: "DONE", reason: null } : { outcome: "FAILED", reason: reasonText(reasons) };
}

/** Returns the incident of chains that would follow each other forever. */
export function loopOf({ name }: EscalationRule): NewIncident {
  const message = `Escalations that are due as soon as they begin would follow each other forever. The last one was ${quote(name)}.`;
  return { kind: "LOOP", message, place: `escalations.${name}` };
}

/** Why a level cannot reassign tasks. */
export const NO_OPEN_TASK = "There is no open task.";
export const NO_LEAD = "The instance has no team with a lead.";
export const noRule = (route: string): string => `No rule of the route ${quote(route)} applies.`;

function askedOf({ machine, snapshot, actor, now }: Escalating): Asked | { readonly reason: string } {
  const state = machine.states.get(snapshot.state);
  if (snapshot.status !== "RUNNING" || !state) return { reason: `The instance is ${snapshot.status}.` };
  return { machine, snapshot, state, actor, now };
}

function escalatedBy({ machine, snapshot, actor, chain, level, depth }: Escalating, result: FireResult): Escalated {
  if (!result.ok) return { reason: problemsText(result.rejection.problems) };
  const first: Outcome = { ...asTimed(result.outcome, { name: chain, depth }), input: { timer: chain, level } };
  return { outcomes: fireAutomatic(machine, snapshot, first, actor) };
}
