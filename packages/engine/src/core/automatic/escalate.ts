/** Decides what a level of an escalation changes in its instance. */
import type { Actor } from "../model/actor.js";
import { quote } from "../model/problems.js";
import type { FieldRaise } from "../model/escalation.js";
import type { Json } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import type { FireResult, Outcome } from "../model/outcome.js";
import { problemsText } from "../model/rejection.js";
import type { Snapshot } from "../model/snapshot.js";
import { jsonEqual } from "../model/values.js";
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
