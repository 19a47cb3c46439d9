/** Instances that a state starts under its own: what is started, and when those that have ended let the state go on. */
import type { Actor } from "./actor.js";
import { contextOf, type Context } from "./conditions/context.js";
import { evaluateOperand } from "./conditions/evaluate.js";
import type { Json, JsonObject } from "./json.js";
import type { ChildRule, Join, Machine, MachineState } from "./machine.js";
import { withValue } from "./moves.js";
import type { NewIncident } from "./incident.js";
import type { ChildToStart } from "./outcome.js";
import { quote } from "./problems.js";
import type { FinalKind, Snapshot, SnapshotChild } from "./snapshot.js";

/** That an entry into a state may start. */
export const MAX_CHILDREN = 100;
/** Instances under one root that have not ended. */
export const MAX_FAMILY = 1000;
/** Children of children below a root. */
export const MAX_FAMILY_DEPTH = 5;

/**
 * The children of a state that is entered, in the order of the definition and of the items. Stops after one more than may be: the caller makes an
 * incident of that. A list that is absent is empty.
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

/** The children that the present state would start now. */
export function childrenOf(machine: Machine, snapshot: Snapshot, { actor, now }: { actor: Actor; now: string }): ChildToStart[] {
  const state = machine.states.get(snapshot.state);
  if (!state || state.children.length === 0) return [];
  return childrenToStart(state, contextOf(snapshot, { data: snapshot.data, actor, now, showId: machine.showId }));
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

/** What a state's join says of its children: it waits, it fires a transition, or it can never fire. */
export type JoinVerdict = { readonly fires: string } | { readonly stuck: NewIncident } | null;

/** Without a join, or where the children are not known, there is nothing to wait for. */
export function judgeJoin(state: MachineState | undefined, children: readonly SnapshotChild[] | undefined): JoinVerdict {
  if (!state?.join || !children) return null;
  const { join } = state;
  const counted = children.filter((child) => counts(join, child)).length;
  const running = children.filter(({ ending }) => ending === null).length;
  const needed = join.need === "all" ? children.length : join.need === "any" ? 1 : join.need;
  if (counted >= needed) return { fires: join.fires };
  if (counted + running >= needed) return null;
  if (join.otherwise !== null) return { fires: join.otherwise };
  const ended = `${counted} of ${children.length} children ${join.of === "completed" ? "have completed" : "have ended"}`;
  const message = `The join of ${quote(state.name)} can never fire: it needs ${needed}, ${ended}, and it has no \`otherwise\`.`;
  return { stuck: { kind: "CHILDREN", message, place: `states.${state.name}.join` } };
}

const counts = (join: Join, { ending }: SnapshotChild): boolean => (join.of === "ended" ? ending !== null : ending === "completed");

/** The data with the results of the children that the join counts, in the order of their items. */
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

/** Whether there can be children of the state. */
export function startsChildren(machine: Machine, state: string | null): boolean {
  return state !== null && (machine.states.get(state)?.children.length ?? 0) > 0;
}

/** Whether a transition is the join's to fire. */
export function isOfJoin(state: MachineState | undefined, transition: string): boolean {
  return state?.join?.fires === transition || state?.join?.otherwise === transition;
}

/** Whether the join keeps something of the data of children that have ended. */
export const collects = (state: MachineState | undefined): boolean => state?.children.some(({ collect }) => collect !== null) ?? false;

/** Of a state whose entry would start more than it may. */
export function tooManyChildren({ name }: MachineState): NewIncident {
  const message = `Entering ${quote(name)} would start more than ${MAX_CHILDREN} children. None was started.`;
  return { kind: "CHILDREN", message, place: `states.${name}.children` };
}

/** What history says of a child's end. */
export const endOf = (rule: string, index: number, ending: FinalKind): JsonObject => ({ rule, index, outcome: ending });
