/**
 * The order of children that wait for others: decides which of a state's items have no child yet, which of these can start now, and which never can.
 * Nothing of it is stored: it follows from the data and from the children that were started.
 */
import { evaluateOperand } from "../conditions/evaluate.js";
import type { Context } from "../conditions/context.js";
import type { NewIncident } from "../model/incident.js";
import type { JsonObject } from "../model/json.js";
import type { ChildOrder, ChildRule, Join, MachineState } from "../model/machine.js";
import { quote } from "../model/problems.js";
import type { SnapshotChild } from "../model/snapshot.js";
import { MAX_CHILDREN } from "./limits.js";

/** An item without a child. */
export type WaitingItem = {
  readonly rule: ChildRule;
  readonly index: number;
  /** READY: all that it waits for counts. NEVER: one of them has ended otherwise, or can never start. */
  readonly wait: "READY" | "WAITS" | "NEVER";
};

type Item = { readonly index: number; readonly key: string | null; readonly after: readonly string[] };

/** Whether children of the state can wait for others. */
export const isOrdered = (state: MachineState | undefined): boolean => state?.children.some(({ order }) => order !== null) ?? false;

/** Whether a child that has ended, or not yet, is one of those that the join counts. Without a join, all that have ended count. */
export const counts = (join: Join | null, { ending }: SnapshotChild): boolean =>
  join === null || join.of === "ended" ? ending !== null : ending === "completed";

/** Returns the items of ordered rules that have no child yet, in the order of the definition and of the items. */
export function waitingItems(state: MachineState, data: JsonObject, children: readonly SnapshotChild[]): WaitingItem[] {
  return state.children.flatMap((rule): WaitingItem[] => {
    if (rule.order === null) return [];
    const started = new Map(children.filter((child) => child.rule === rule.rule).map((child) => [child.index, child]));
    const items = orderedItems(rule, rule.order, data);
    const byKey = Map.groupBy(items, ({ key }) => key);
    const known = new Map<number, WaitingItem["wait"] | "COUNTS" | "RUNS">();
    const waitOf = (item: Item): WaitingItem["wait"] | "COUNTS" | "RUNS" => {
      const found = known.get(item.index);
      if (found !== undefined) return found;
      const child = started.get(item.index);
      if (child) return noted(item, child.ending === null ? "RUNS" : counts(state.join, child) ? "COUNTS" : "NEVER");
      // An item that waits for itself meets this mark.
      noted(item, "NEVER");
      const waits = item.after.flatMap((key) => (byKey.get(key) ?? [null]).map((other) => (other === null ? "NEVER" : waitOf(other))));
      return noted(item, waits.includes("NEVER") ? "NEVER" : waits.every((wait) => wait === "COUNTS") ? "READY" : "WAITS");
    };
    const noted = <T extends WaitingItem["wait"] | "COUNTS" | "RUNS">({ index }: Item, wait: T): T => {
      known.set(index, wait);
      return wait;
    };
    return items
      .filter(({ index }) => !started.has(index))
      .map((item) => ({ rule, index: item.index, wait: waitOf(item) as WaitingItem["wait"] }));
  });
}

/** Returns the incident of a state that was entered with items that can never start, because they wait for each other or for an unknown name. */
export function disorderOf(state: MachineState, data: JsonObject): NewIncident | null {
  const never = waitingItems(state, data, []).filter(({ wait }) => wait === "NEVER");
  const [first] = never;
  if (!first?.rule.order) return null;
  const items = orderedItems(first.rule, first.rule.order, data);
  const keys = new Set(items.map(({ key }) => key));
  const item = items.find(({ index }) => index === first.index);
  const unknown = item?.after.find((key) => !keys.has(key));
  const names = never.slice(0, 10).map(({ index }) => quote(items.find((one) => one.index === index)?.key ?? String(index)));
  const problem =
    unknown === undefined
      ? `The children ${quote(first.rule.rule)} of ${names.join(", ")} wait for each other, so they would never start.`
      : `The child ${quote(first.rule.rule)} of ${quote(item?.key ?? String(first.index))} waits for ${quote(unknown)}, which is the name of no item.`;
  // Data of a failed instance cannot be changed directly.
  const remedy = "Correct the data with a migration and retry, or cancel the instance.";
  return { kind: "CHILDREN", message: `${problem.slice(0, 1900)} ${remedy}`, place: `states.${state.name}.children.${first.rule.rule}` };
}

function orderedItems({ each }: ChildRule, order: ChildOrder, data: JsonObject): Item[] {
  const list = each && evaluateOperand(each, { data });
  if (!Array.isArray(list)) return [];
  // Entering the state with more is refused.
  return list.slice(0, MAX_CHILDREN + 1).map((item: unknown, index): Item => {
    const context: Context = { data, item };
    const [key, after] = [evaluateOperand(order.key, context), evaluateOperand(order.after, context)];
    const names: readonly unknown[] = Array.isArray(after) ? after : [after];
    return { index, key: typeof key === "string" ? key : null, after: names.filter((name) => typeof name === "string") };
  });
}
