/**
 * Child instances: decides which instances a state starts under its own, what the parent collects from them, and when a join fires.
 * The number of children, the size of a hierarchy and its depth are bounded.
 * This room never starts an instance: the store does, in the transaction of the parent.
 */
import type { Actor } from "../model/actor.js";
import { contextOf, type Context } from "../conditions/context.js";
import { evaluateOperand } from "../conditions/evaluate.js";
import type { Json, JsonObject } from "../model/json.js";
import type { ChildRule, Join, Machine, MachineState } from "../model/machine.js";
import { withValue } from "../model/values.js";
import type { NewIncident } from "../model/incident.js";
import type { ChildToStart } from "../model/outcome.js";
import { quote } from "../model/problems.js";
import type { FinalKind, Snapshot, SnapshotChild } from "../model/snapshot.js";

/** Maximum number of children that entering a state can start. */
export const MAX_CHILDREN = 100;
/** Maximum number of running instances under one root. */
export const MAX_HIERARCHY = 1000;
/** Maximum depth of children below a root. */
export const MAX_HIERARCHY_DEPTH = 5;

/**
 * Returns the children of a state that is entered, in the order of the definition and of the items. Stops at one more than the maximum, of which the
 * caller makes an incident. An absent list is empty.
 */
export function childrenToStart(state: MachineState, context: Context): ChildToStart[] {
  const children: ChildToStart[] = [];
  for (const rule of state.children) {
    for (const [index, item] of itemsOf(rule, context).entries()) {
      if (children.length > MAX_CHILDREN) return children;
      const data = valuesOf(rule.data, rule.each ? { ...context, item, index } : context);
      children.push({ rule: rule.rule, index, definition: rule.definition, data });
    }
  }
  return children;
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
export function evaluateJoin(state: MachineState | undefined, children: readonly SnapshotChild[] | undefined): JoinDecision {
  if (!state?.join || !children) return null;
  const { join } = state;
  const counted = children.filter((child) => counts(join, child)).length;
  const running = children.filter(({ ending }) => ending === null).length;
  const needed = join.need === "all" ? children.length : join.need === "any" ? 1 : join.need;
  if (counted >= needed) return { fires: join.fires };
  if (counted + running >= needed) return null;
  if (join.otherwise !== null) return { fires: join.otherwise };
  const ended = `${counted} of ${children.length} children ${join.of === "completed" ? "have completed" : "have ended"}`;
  const message = `The join of ${quote(state.name)} can never fire: it requires ${needed}, but ${ended}, and it has no \`otherwise\`.`;
  return { stuck: { kind: "CHILDREN", message, place: `states.${state.name}.join` } };
}

const counts = (join: Join, { ending }: SnapshotChild): boolean => (join.of === "ended" ? ending !== null : ending === "completed");

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
