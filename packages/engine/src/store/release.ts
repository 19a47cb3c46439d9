import { workflows } from "@weft/drizzle";
import {
  Conflict,
  TransitionRejected,
  appendEvents,
  named,
  reachesAll,
  writeAudit,
  type Tx,
  type Viewer,
  type WriteMeta,
} from "@weft/shared";
import { and, eq, sql } from "drizzle-orm";
import type { ViewerActor } from "./actor.js";
import { aboutTask, taskPayload } from "./events.js";
import { readTask, type TaskRow } from "./task-change.js";

const { tasks } = workflows;

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
  const { task, instance } = await readTask(tx, { id, actor, expectedVersion }, "task.claim");
  if (task.status === "OPEN") return task;
  assertReleasable(task, actor);
  const update = tx
    .update(tasks)
    .set({ status: "OPEN", assigneeId: null, claimedAt: null, delegatedFrom: [], version: sql`${tasks.version} + 1` })
    .where(and(eq(tasks.id, id), eq(tasks.version, task.version)))
    .returning();
  const [released] = await named("releaseTask", update);
  if (!released)
    throw new Conflict("Somebody else has changed or ended this task meanwhile. Read it again.", { currentVersion: task.version + 1 });
  await appendEvents(tx, meta, [
    {
      type: "task.released",
      ...aboutTask(instance, id, released.version),
      payload: taskPayload(instance, { ...released, status: "OPEN" }),
    },
  ]);
  await writeAudit(tx, meta, [{ action: "task.release", entityType: "task", entityId: id, before: task, after: released }]);
  return released;
}

function assertReleasable(task: TaskRow, { id, viewer }: ViewerActor): void {
  const reject = (code: string, message: string) => new TransitionRejected([{ code, message }]);
  if (task.status !== "CLAIMED") throw reject("task", `The task "${task.title}" is no longer open; it is ${task.status}.`);
  if (task.assigneeId !== id && !isManager(viewer))
    throw reject("claimed", `Somebody else has claimed the task "${task.title}"; only they, or who manages workflows, can give it back.`);
}

/** Who may cancel the whole workflow may take work from people too. */
const isManager = (viewer: Viewer): boolean =>
  (["task.claim", "workflow.cancel"] as const).every((permission) => reachesAll(viewer, permission));
