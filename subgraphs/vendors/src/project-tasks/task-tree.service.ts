import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents, recordChange } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { assertNoCycle } from "./cycles.js";
import { lockPlan } from "./plan.store.js";
import { readTree } from "./plan.service.js";
import type { DeleteProjectTaskInput, MoveProjectTaskInput } from "./project-task.input.js";
import { getProjectTask } from "./project-task.service.js";
import {
  findDeletedProjectTask,
  markProjectTasksDeleted,
  type ProjectTaskRow,
  selectProjectTasks,
  unmarkProjectTasksDeleted,
  updateProjectTaskRow,
} from "./project-task.store.js";
import {
  assertDepth,
  assertParent,
  assertPosition,
  assertRoomFor,
  lastPosition,
  levelsOf,
  movedIn,
  treeOf,
  withSubtasks,
} from "./task-tree.js";
import { findTree, makeRoom } from "./task-tree.store.js";

/**
 * Moves a task, with its subtasks, within its project.
 * @throws NotFound, Conflict, BadUserInput (unknown parent, a parent inside the task, too many levels)
 */
export async function moveProjectTask(ctx: Context, input: MoveProjectTaskInput): Promise<ProjectTaskRow> {
  const id = decodeId("projectTask", input.id, "input.id");
  assertPosition(input.position);
  const parentId = decodeIdOrNull("projectTask", input.parentId, "input.parentId") ?? null;
  return ctx.inTenant(async (tx) => {
    const { projectId } = await getProjectTask(tx, ctx, id, "projectTask.update");
    await lockPlan(tx, projectId);
    const before = await getProjectTask(tx, ctx, id, "projectTask.update");
    const tree = await readTree(tx, projectId);
    assertParent(tree, { parentId, moved: id });
    const position = input.position ?? lastPosition(tree, parentId);
    if (typeof input.position === "number") await makeRoom(tx, { projectId, parentId, position });
    await assertNoCycle(tx, { projectId, tree: movedIn(tree, id, parentId), path: "input.parentId" });
    const after = await updateProjectTaskRow(tx, id, input.expectedVersion ?? before.version, { parentId, position });
    if (after === null) throw changedMeanwhile("projectTask", before.version);
    const payload = { changed: ["parentId", "position"] };
    await recordChange(tx, ctx.meta, { event: { type: "projectTask.updated", related: { project: projectId }, payload }, before, after });
    return after;
  });
}

/**
 * Deletes a task, and its subtasks if they should be deleted, too. Returns the deleted IDs, the given one first.
 * @throws NotFound, Conflict (another version, or the task has subtasks)
 */
export async function deleteProjectTask(ctx: Context, input: DeleteProjectTaskInput): Promise<string[]> {
  const id = decodeId("projectTask", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const { projectId } = await getProjectTask(tx, ctx, id, "projectTask.update");
    await lockPlan(tx, projectId);
    const { name, version } = await getProjectTask(tx, ctx, id, "projectTask.update");
    if (typeof input.expectedVersion === "number" && input.expectedVersion !== version) throw changedMeanwhile("projectTask", version);
    const ids = withSubtasks(await readTree(tx, projectId), id);
    const subtasks = ids.length - 1;
    if (subtasks > 0 && !input.withSubtasks) {
      const message = `The task ${quote(name)} has ${subtasks} ${subtasks === 1 ? "subtask" : "subtasks"}. Move them first, or pass withSubtasks.`;
      throw new Conflict(message, { dependents: { subtasks } });
    }
    const before = await selectProjectTasks(tx, ids);
    await markProjectTasksDeleted(tx, ids, ctx.viewer.userId);
    await recordAll(tx, ctx, "delete", before);
    return ids;
  });
}

/**
 * Restores a deleted task at its place, with the subtasks that were deleted with it.
 * @throws NotFound (also if the task is not deleted), Conflict (another version), BadUserInput (its parent is deleted, too many tasks or levels)
 */
export async function restoreProjectTask(ctx: Context, input: VersionedIdInput): Promise<ProjectTaskRow> {
  const id = decodeId("projectTask", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const { projectId } = await getDeletedTask(tx, ctx, id);
    await lockPlan(tx, projectId);
    const { parentId, version, deletedAt } = await getDeletedTask(tx, ctx, id);
    if (typeof input.expectedVersion === "number" && input.expectedVersion !== version) throw changedMeanwhile("projectTask", version);
    const rows = await findTree(tx, projectId);
    const tree = treeOf(rows);
    if (parentId !== null && !tree.byId.has(parentId)) {
      const message = `The task ${encodeId("projectTask", parentId)}, which contained it, is deleted. Restore that task first.`;
      throw new BadUserInput([{ path: "input.id", message }]);
    }
    const deletedTogether = rows.filter((row) => row.deletedAt === deletedAt).map((row) => ({ ...row, deletedAt: null }));
    const ids = withSubtasks(treeOf(deletedTogether), id);
    assertRoomFor(tree, ids.length, "input.id");
    const restored = new Set(ids);
    const restoredTree = treeOf(rows.map((row) => (restored.has(row.id) ? { ...row, deletedAt: null } : row)));
    assertDepth(levelsOf(restoredTree, id), "input.id");
    // A dependency that was added in the meantime could lead back to a restored one.
    await assertNoCycle(tx, { projectId, tree: restoredTree, path: "input.id" });
    const after = await unmarkProjectTasksDeleted(tx, ids);
    await recordAll(tx, ctx, "restore", after);
    return getProjectTask(tx, ctx, id, "projectTask.update");
  });
}

async function getDeletedTask(tx: Tx, ctx: Context, id: string): Promise<ProjectTaskRow> {
  const row = await findDeletedProjectTask(tx, ctx.viewer, id, "projectTask.update");
  if (row === null) throw new NotFound("deleted project task", encodeId("projectTask", id));
  return row;
}

/** Writes an event and an audit entry for each task, in two statements. */
async function recordAll(tx: Tx, ctx: Context, verb: "delete" | "restore", rows: readonly ProjectTaskRow[]): Promise<void> {
  const isDeletion = verb === "delete";
  await appendEvents(
    tx,
    ctx.meta,
    rows.map((row) => ({
      type: isDeletion ? ("projectTask.deleted" as const) : ("projectTask.restored" as const),
      subjectId: row.id,
      subjectVersion: isDeletion ? row.version + 1 : row.version,
      related: { project: row.projectId },
      payload: {},
    })),
  );
  await writeAudit(
    tx,
    ctx.meta,
    rows.map((row) => ({
      action: `projectTask.${verb}`,
      entityType: "projectTask" as const,
      entityId: row.id,
      before: row,
      after: isDeletion ? null : row,
    })),
  );
}
