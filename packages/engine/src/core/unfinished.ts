/** What keeps a task from being completed although somebody may: a checklist with open items, a question without an answer. */
import { holds } from "./rights.js";
import type { Transition } from "./machine.js";
import { isOffered } from "./offered.js";
import { quote } from "./problems.js";
import type { Actor } from "./actor.js";
import type { Reason } from "./rejection.js";
import type { Snapshot, SnapshotTask } from "./snapshot.js";

/**
 * Of the task that the firing names; without one, of those that the actor holds or is offered, which he would complete by it: nobody goes around a checklist
 * by firing. What the owner alone may do (withdraw) completes nothing.
 */
export function unfinishedReasons(
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
      ...(isQuestioned ? [{ rule: "question", message: `The task ${quote(title)} waits for the answer to a question.` } as const] : []),
    ]);
}

function checklist(title: string, unticked: number): Reason {
  return {
    rule: "checklist",
    message: `${unticked} of the checklist of the task ${quote(title)} ${unticked === 1 ? "is" : "are"} not ticked off.`,
  };
}
