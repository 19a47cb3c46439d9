/**
 * Child instances: decides which instances a state starts under its own, what the parent collects from them, and when a join fires.
 * The number of children, the size of a hierarchy and its depth are bounded.
 * This module never starts an instance: the store does, in the transaction of the parent.
 */
import type { Actor } from "../model/actor.js";
import { contextOf, type Context } from "../conditions/context.js";
import { evaluateOperand } from "../conditions/evaluate.js";
import type { Json, JsonObject } from "../model/json.js";
import type { ChildRule, Machine, MachineState } from "../model/machine.js";
import { withValue } from "../model/values.js";
import type { NewIncident } from "../model/incident.js";
import { MAX_CHILDREN } from "./limits.js";
import { counts, isOrdered, waitingItems } from "./order.js";
import type { ChildToStart } from "../model/outcome.js";
import { quote } from "../model/problems.js";
import type { FinalKind, Snapshot, SnapshotChild } from "../model/snapshot.js";

/**
 * Returns the children of a state that is entered, in the order of the definition and of the items, without those that wait for others. Stops at one more
 * than the maximum, of which the caller makes an incident. An absent list is empty.
 */
export function childrenToStart(state: MachineState, context: Context): ChildToStart[] {
  const children: ChildToStart[] = [];
  for (const rule of state.children) {
    for (const [index, item] of itemsOf(rule, context).entries()) {
      if (children.length > MAX_CHILDREN) return children;
      children.push(childOf(rule, index, item, context));
    }
  }
  if (children.length > MAX_CHILDREN) return children;
  const waiting = isOrdered(state) ? waitingItems(state, (context["data"] ?? {}) as JsonObject, []) : [];
  const isWaiting = ({ rule, index }: ChildToStart): boolean =>
    waiting.some((one) => one.rule.rule === rule && one.index === index && one.wait !== "READY");
  return children.filter((child) => !isWaiting(child));
}

/** Returns the children that waited for others and no longer do. */
export function childrenThatFollow(
  machine: Machine,
  snapshot: Snapshot,
  { actor, now }: { readonly actor: Actor; readonly now: string },
): ChildToStart[] {
  const state = machine.states.get(snapshot.state);
  if (!state || !snapshot.children || snapshot.status !== "RUNNING" || !isOrdered(state)) return [];
  const { data } = snapshot;
  const ready = waitingItems(state, data, snapshot.children).filter(({ wait }) => wait === "READY");
  if (ready.length === 0) return [];
  const context = contextOf(snapshot, { data, actor, now, showId: machine.showId, calendars: machine.calendars });
  return ready.map(({ rule, index }) => childOf(rule, index, itemsOf(rule, context)[index], context));
}

function childOf({ rule, definition, each, data }: ChildRule, index: number, item: unknown, context: Context): ChildToStart {
  return { rule, index, definition, data: valuesOf(data, each ? { ...context, item, index } : context) };
}

/** Returns the children that the current state would start now. */
export function childrenOf(machine: Machine, snapshot: Snapshot, { actor, now }: { actor: Actor; now: string }): ChildToStart[] {
  const state = machine.states.get(snapshot.state);
  if (!state || state.children.length === 0) return [];
  return childrenToStart(
    state,
    contextOf(snapshot, { data: snapshot.data, actor, now, showId: machine.showId, calendars: machine.calendars }),
  );
}

function itemsOf({ each }: ChildRule, context: Context): readonly unknown[] {
  if (!each) return [null];
  const list = evaluateOperand(each, context);
  return Array.isArray(list) ? list : [];
}

function valuesOf(entries: ChildRule["data"], context: Context): JsonObject {
  const values = entries.map(([name, operand]) => [name, evaluateOperand(operand, context)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as JsonObject;
}

/** Result of evaluating a state's join: it waits (null), fires a transition, or can never fire. */
export type JoinDecision = { readonly fires: string } | { readonly stuck: NewIncident } | null;

/** Without a join, or if the children are unknown, there is nothing to wait for. */
export function evaluateJoin(state: MachineState | undefined, { children, data }: Pick<Snapshot, "children" | "data">): JoinDecision {
  if (!state?.join || !children) return null;
  const { join } = state;
  const waiting = isOrdered(state) ? waitingItems(state, data, children) : [];
  const total = children.length + waiting.length;
  const counted = children.filter((child) => counts(join, child)).length;
  const open = children.filter(({ ending }) => ending === null).length + waiting.filter(({ wait }) => wait !== "NEVER").length;
  const needed = join.need === "all" ? total : join.need === "any" ? 1 : join.need;
  if (counted >= needed) return { fires: join.fires };
  if (counted + open >= needed) return null;
  if (join.otherwise !== null) return { fires: join.otherwise };
  const ended = `${counted} of ${total} children ${join.of === "completed" ? "have completed" : "have ended"}`;
  const message = `The join of ${quote(state.name)} can never fire: it requires ${needed}, but ${ended}, and it has no \`otherwise\`.`;
  return { stuck: { kind: "CHILDREN", message, place: `states.${state.name}.join` } };
}

/** Returns the data with the results of the children that the join counts, in the order of their items. */
export function collectResults(state: MachineState, data: JsonObject, children: readonly SnapshotChild[]): JsonObject {
  const { join } = state;
  if (!join) return data;
  return state.children.reduce((collected, rule) => {
    if (!rule.collect) return collected;
    const results = children
      .filter((child) => child.rule === rule.rule && counts(join, child))
      .sort((a, b) => a.index - b.index)
      .map((child): Json => valuesOf(rule.result, { data: child.data ?? {} }));
    return withValue(collected, rule.collect, results);
  }, data);
}

/** Whether the state can have children. */
export function startsChildren(machine: Machine, state: string | null): boolean {
  return state !== null && (machine.states.get(state)?.children.length ?? 0) > 0;
}

/** Whether a transition is fired by the join. */
export function isOfJoin(state: MachineState | undefined, transition: string): boolean {
  return state?.join?.fires === transition || state?.join?.otherwise === transition;
}

/** Whether the join keeps data of children that have ended. */
export const collects = (state: MachineState | undefined): boolean => state?.children.some(({ collect }) => collect !== null) ?? false;

/** Incident of a state whose entry would start too many children. */
export function tooManyChildren({ name }: MachineState): NewIncident {
  const message = `Entering ${quote(name)} would start more than ${MAX_CHILDREN} children. None was started.`;
  return { kind: "CHILDREN", message, place: `states.${name}.children` };
}

/** What the history records about the end of a child. */
export const endOf = (rule: string, index: number, ending: FinalKind): JsonObject => ({ rule, index, outcome: ending });
