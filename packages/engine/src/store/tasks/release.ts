import { reachesAll, type Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { ViewerActor } from "../model/actor.js";
import { readTask, rejected, writeTask } from "./change.js";
import type { TaskRow } from "../model/instance-head.js";

export type TaskRelease = {
  readonly id: string;
  readonly actor: ViewerActor;
  /** Of the task. */
  readonly expectedVersion?: number | null | undefined;
};

/**
 * Releases a claimed task to its candidates, by the user who has claimed it or a manager. A task that nobody has claimed stays as it is. Errors:
 * NOT_FOUND, TRANSITION_REJECTED (claimed by another user, and the actor is not a manager; closed), CONFLICT.
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
    throw rejected(
      "claimed",
      `Another user has claimed the task "${task.title}". Only that user or a user who manages workflows can release it.`,
    );
}

/** A user who can cancel the whole workflow can also release claimed tasks. */
const isManager = (viewer: Viewer): boolean =>
  (["task.claim", "workflow.cancel"] as const).every((permission) => reachesAll(viewer, permission));
