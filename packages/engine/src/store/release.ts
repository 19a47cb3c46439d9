import { reachesAll, type Tx, type Viewer, type WriteMeta } from "@weft/shared";
import type { ViewerActor } from "./actor.js";
import { readTask, rejected, writeTask, type TaskRow } from "./task-change.js";

export type TaskRelease = {
  readonly id: string;
  readonly actor: ViewerActor;
  /** Of the task. */
  readonly expectedVersion?: number | null | undefined;
};

/**
 * Gives a claimed task back to those to whom it was offered: by who has claimed it, or by a manager. A task that nobody has claimed stays as it is.
 * Errors: NOT_FOUND, TRANSITION_REJECTED (another's, and the actor is no manager; over), CONFLICT.
 */
export async function releaseTask(tx: Tx, meta: WriteMeta, { id, actor, expectedVersion }: TaskRelease): Promise<TaskRow> {
  const read = await readTask(tx, { id, actor, expectedVersion }, "task.claim");
  const { task } = read;
  if (task.status === "OPEN") return task;
  assertReleasable(task, actor);
  const set = { status: "OPEN", assigneeId: null, claimedAt: null, delegatedFrom: [] };
  return writeTask(tx, meta, read, { set, event: { type: "task.released" }, action: "task.release" });
}

function assertReleasable(task: TaskRow, { id, viewer }: ViewerActor): void {
  if (task.status !== "CLAIMED") throw rejected("task", `The task "${task.title}" is no longer open; it is ${task.status}.`);
  if (task.assigneeId !== id && !isManager(viewer))
    throw rejected("claimed", `Somebody else has claimed the task "${task.title}"; only they, or who manages workflows, can give it back.`);
}

/** Who may cancel the whole workflow may take work from people too. */
const isManager = (viewer: Viewer): boolean =>
  (["task.claim", "workflow.cancel"] as const).every((permission) => reachesAll(viewer, permission));
