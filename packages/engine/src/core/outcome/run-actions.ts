/** Runs actions: their effects are collected step by step in one draft, and nothing outside the draft changes. */
import { evaluateOperand } from "../conditions/evaluate.js";
import { contextOfDraft, type Draft } from "./draft.js";
import type { Operand } from "../model/condition.js";
import type { JsonObject } from "../model/json.js";
import type { Action, Machine } from "../model/machine.js";
import { assignTo, openTasks } from "./open-tasks.js";
import { renderTemplate } from "../tasks/templates.js";
import { holds } from "../authorization/rights.js";
import { checkJson, withValue } from "../model/values.js";
import type { SnapshotTask } from "../model/snapshot.js";

/** Maximum number of instances that the actions of one change start. */
const MAX_STARTS = 5;

/** Runs the actions in order. Values that do not match the data become problems of the draft. */
export function runActions(draft: Draft, actions: readonly Action[]): void {
  for (const action of actions) runAction(draft, action);
}

function runAction(draft: Draft, action: Action): void {
  switch (action.kind) {
    case "set": {
      const value = evaluateOperand(action.value, contextOfDraft(draft));
      // A list that contains a list repeatedly can have any size, although it uses little memory: it is checked here before anything reads it.
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
    case "assign":
      assignTo(draft, action.to, contextOfDraft(draft));
      return;
    case "start":
      if (draft.starts.length === MAX_STARTS) {
        draft.problems.push({ path: "data", message: `More than ${MAX_STARTS} workflows would be started at once.` });
        return;
      }
      draft.starts.push({ definition: action.definition, data: valuesOf(draft, action.data) });
      return;
    case "notify":
      draft.notices.push({ to: action.to, title: renderTemplate(action.title, contextOfDraft(draft)) });
      return;
    case "emit":
      draft.events.push({ type: action.type, payload: valuesOf(draft, action.payload) });
      return;
    case "call": {
      const { integration, action: key, followUp } = action;
      draft.calls.push({ integration, action: key, input: valuesOf(draft, action.input), followUp });
      return;
    }
    default:
      action satisfies never;
  }
}

/** Evaluates named values. Absent ones are omitted. */
function valuesOf(draft: Draft, named: readonly (readonly [string, Operand])[]): JsonObject {
  const context = contextOfDraft(draft);
  const entries = named
    .map(([name, operand]) => [name, evaluateOperand(operand, context)] as const)
    .filter(([, value]) => value !== undefined);
  const values = Object.fromEntries(entries) as JsonObject;
  // `set` can nest a value in itself repeatedly, so the size is checked before the value leaves the core.
  draft.problems.push(...checkJson(values, "data"));
  return values;
}

const isContainer = (value: unknown): boolean => typeof value === "object" && value !== null;

/**
 * Closes the open tasks that `match` selects. `completedId` is the task that this request completes; without it, the actor's own tasks count as
 * completed.
 */
export function closeTasks(draft: Draft, match: (task: SnapshotTask) => boolean, completedId?: string): void {
  for (const task of draft.stillOpen.values()) {
    if (!match(task)) continue;
    const isDone = completedId === undefined ? holds(draft.actor, task.assigneeId) : task.id === completedId;
    draft.closeTasks.push({ id: task.id, reason: isDone ? "completed" : "superseded" });
    draft.stillOpen.delete(task.id);
  }
}

/** Whether the task closes when its state is left; tasks of the whole instance stay open. */
export function closesWithState(machine: Machine, task: SnapshotTask): boolean {
  return machine.tasks.get(task.rule)?.lifetime !== "instance";
}
