/**
 * Tasks: decides what prevents a task from being completed, such as open checklist items or a question without an answer.
 * The module also decides what a new assignee means for open tasks, and renders task titles.
 * It never decides who can fire a transition: `authorization` does.
 */
import { holds } from "../authorization/rights.js";
import type { Transition } from "../model/machine.js";
import { isOffered } from "../authorization/offered.js";
import { quote } from "../model/problems.js";
import type { Actor } from "../model/actor.js";
import type { Reason } from "../model/rejection.js";
import type { Snapshot, SnapshotTask } from "../model/snapshot.js";

/**
 * Checks the task that the firing names; without one, the tasks that the actor has claimed or is offered, which the firing would complete, so that
 * nobody can bypass a checklist by firing. A transition that only the owner can fire (withdraw) completes nothing.
 */
export function incompleteWorkReasons(
  transition: Transition,
  tasks: readonly SnapshotTask[],
  { ownerId }: Pick<Snapshot, "ownerId">,
  actor: Actor,
  taskId: string | undefined,
): Reason[] {
  const isWithdrawal = taskId === undefined && transition.allow?.owner === true && holds(actor, ownerId);
  if (isWithdrawal) return [];
  const isCompleted = (task: SnapshotTask) =>
    taskId !== undefined ? task.id === taskId : task.assigneeId === null ? isOffered(task, actor) : holds(actor, task.assigneeId);
  return tasks
    .filter(isCompleted)
    .flatMap(({ title, unticked = 0, isQuestioned }): Reason[] => [
      ...(unticked > 0 ? [checklist(title, unticked)] : []),
      ...(isQuestioned
        ? [{ rule: "question", message: `The task ${quote(title)} is waiting for the answer to a question.` } as const]
        : []),
    ]);
}

function checklist(title: string, unticked: number): Reason {
  return {
    rule: "checklist",
    message: `The checklist of the task ${quote(title)} is not complete: ${unticked} ${unticked === 1 ? "item is" : "items are"} open.`,
  };
}
