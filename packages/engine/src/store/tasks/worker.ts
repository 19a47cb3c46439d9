/** Whether the actor can work on a task, and for whom. */
import type { Tx } from "@weft/platform/db";
import { isOwn, substitutesFor } from "../authorization/substitutes.js";
import type { ViewerActor } from "../model/actor.js";
import { rejected } from "./change.js";
import type { TaskRow } from "../model/instance-head.js";

/**
 * Returns the users for whom the actor works on the task, without the actor. Errors: TRANSITION_REJECTED (another user's task, not offered to the
 * actor).
 */
export async function assertWorker(tx: Tx, task: TaskRow, actor: ViewerActor): Promise<readonly string[]> {
  if (isOwn(task, actor)) return [];
  const stoodInFor = await substitutesFor(tx, task, actor);
  if (stoodInFor.length > 0) return stoodInFor;
  if (task.assigneeId !== null) throw rejected("claimed", `Another user has claimed the task "${task.title}".`);
  const whom = task.candidateRoles.length > 0 ? `the roles ${task.candidateRoles.join(", ")}` : "specific users";
  throw rejected("role", `The task "${task.title}" is not offered to you. It is offered to ${whom}.`);
}

/** Maximum number of users who can have delegated a task. */
const MAX_CHAIN = 20;

/** Returns the users who delegated a task, with the given ones added. Errors: TRANSITION_REJECTED (too many). */
export function chainOf(task: TaskRow, more: readonly string[]): string[] {
  const chain = [...new Set([...task.delegatedFrom, ...more])];
  if (chain.length > MAX_CHAIN)
    throw rejected(
      "task",
      `The task "${task.title}" has been delegated by ${MAX_CHAIN} users, which is the maximum. Complete it or release it.`,
    );
  return chain;
}
