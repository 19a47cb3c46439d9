/** The running of actions: a move gathers its effects step by step in one draft, and nothing outside the draft changes. */
import { evaluateOperand } from "./conditions/evaluate.js";
import { contextOfDraft, type Draft } from "./draft.js";
import type { Json, JsonObject } from "./json.js";
import type { Action, Machine } from "./machine.js";
import { openTasks } from "./open-tasks.js";
import { holds } from "./rights.js";
import { checkJson, isObject } from "./schema/json.js";
import type { SnapshotTask } from "./snapshot.js";

/** Runs the actions in their order. What does not fit the data becomes problems of the draft. */
export function runActions(draft: Draft, actions: readonly Action[]): void {
  for (const action of actions) runAction(draft, action);
}

function runAction(draft: Draft, action: Action): void {
  switch (action.kind) {
    case "set": {
      const value = evaluateOperand(action.value, contextOfDraft(draft));
      // A list of a list again and again is of any size, though it takes no room: nothing reads it before this has looked.
      const unfit = isContainer(value) ? checkJson(value, "data", ...action.path) : [];
      draft.problems.push(...unfit);
      if (unfit.length === 0) draft.data = withValue(draft.data, action.path, value);
      return;
    }
    case "openTask":
      openTasks(draft, action.task, contextOfDraft(draft));
      return;
    case "closeTask":
      closeTasks(draft, (task) => task.rule === action.rule);
      return;
    case "emit": {
      const context = contextOfDraft(draft);
      const entries = action.payload
        .map(([name, operand]) => [name, evaluateOperand(operand, context)] as const)
        .filter(([, value]) => value !== undefined);
      const payload = Object.fromEntries(entries) as JsonObject;
      // `set` can nest a value in itself again and again: what leaves the core is checked to be of bounded size.
      draft.problems.push(...checkJson(payload, "data"));
      draft.events.push({ type: action.type, payload });
      return;
    }
    default:
      action satisfies never;
  }
}

const isContainer = (value: unknown): boolean => typeof value === "object" && value !== null;

/** Closes the open tasks that `match` picks. `completedId` names the task that this move completes; without it, the actor's own count. */
export function closeTasks(draft: Draft, match: (task: SnapshotTask) => boolean, completedId?: string): void {
  for (const task of draft.stillOpen.values()) {
    if (!match(task)) continue;
    const isDone = completedId === undefined ? holds(draft.actor, task.assigneeId) : task.id === completedId;
    draft.closeTasks.push({ id: task.id, reason: isDone ? "completed" : "superseded" });
    draft.stillOpen.delete(task.id);
  }
}

/** Whether the task ends when its state is left; those of the whole instance stay open. */
export function closesWithState(machine: Machine, task: SnapshotTask): boolean {
  return machine.tasks.get(task.rule)?.lifetime !== "instance";
}

/** A copy with the value at the path; an absent value takes the property away. Objects on the way are made where there are none. */
export function withValue(data: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined) return data;
  const inner = Object.hasOwn(data, name) ? data[name] : undefined;
  const next =
    rest.length === 0 ? value : value === undefined && !isObject(inner) ? inner : withValue(isObject(inner) ? inner : {}, rest, value);
  if (next !== undefined) return { ...data, [name]: next as Json };
  const { [name]: _gone, ...others } = data;
  return others;
}
