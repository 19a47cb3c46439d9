import { vendors as tables } from "@weft/drizzle";
import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents, recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertDay, type VersionedIdInput } from "@weft/api/inputs";
import { type Page, tablePage } from "@weft/api/pages";
import { and, sql } from "drizzle-orm";
import { readTree } from "../project-tasks/plan.service.js";
import { lockProjectOfInput } from "../projects/project-of-input.service.js";
import { lockChangedProject } from "../projects/project.service.js";
import type { LockedProject } from "../projects/update-project.service.js";
import { assertStaff } from "../staff/staff.service.js";
import { MilestoneFilter, MilestoneOrder } from "./milestone.filter.js";
import type { MilestonesArgs } from "./milestone.input.js";
import {
  countMilestones,
  deleteMilestoneTasks,
  findMilestones,
  findOpenDays,
  findProjectOfMilestone,
  findTasksOfMilestones,
  insertMilestones,
  insertMilestoneTasks,
  lockDeletedMilestone,
  lockMilestone,
  type MilestoneRow,
  updateMilestoneRow,
  visibleMilestones,
} from "./milestone.store.js";
import { type CreateMilestoneInput, type Milestone, milestoneColumns, toMilestone, type UpdateMilestoneInput } from "./milestone.type.js";

const maxTasks = 100;
const maxMilestones = 500;

/** Returns a page of the milestones that the viewer can see. @throws BadUserInput if the filter, the page size or a cursor is not valid */
export function listMilestones(ctx: Context, { filter, orderBy, ...args }: MilestonesArgs): Promise<Page<Milestone>> {
  return tablePage(ctx, {
    list: "milestones",
    args,
    table: tables.milestones,
    where: and(visibleMilestones(ctx.viewer, "project.read"), MilestoneFilter.toSql(filter, "filter", ctx.viewer)),
    orderBy: MilestoneOrder.resolve(orderBy, ["DUE_ON", "ASC"]),
    toNode: toMilestone,
  });
}

/** Adds a milestone to a project. @throws BadUserInput, Conflict (idempotency key used with different input) */
export async function createMilestone(ctx: Context, input: CreateMilestoneInput): Promise<Milestone> {
  assertMilestone(input);
  const projectId = decodeId("project", input.projectId, "input.projectId");
  const ownerId = decodeIdOrNull("user", input.ownerId, "input.ownerId") ?? null;
  const taskIds = taskIdsOf(input.taskIds ?? []);
  const { userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createMilestone", input }, async () => {
      await lockProjectOfInput(tx, ctx.viewer, { id: projectId, path: "input.projectId" });
      await assertRoom(tx, projectId, "input.projectId");
      if (ownerId !== null) await assertStaff(tx, ownerId, "input.ownerId");
      await assertTasks(tx, projectId, taskIds);
      const added = { ...milestoneColumns.plain(input), projectId, ownerId: ownerId ?? userId, taskIds };
      const [row] = await addMilestones(ctx, tx, [added]);
      if (row === undefined) throw new Error("The inserted milestone was not returned.");
      return row;
    });
    return getMilestone(ctx, tx, id);
  });
}

export type AddedMilestone = Pick<MilestoneRow, "projectId" | "name" | "description" | "dueOn" | "ownerId"> & {
  readonly taskIds: readonly string[];
};

/** Writes milestones with their tasks, which the caller has checked, in four statements. */
export async function addMilestones(ctx: Context, tx: Tx, added: readonly AddedMilestone[]): Promise<MilestoneRow[]> {
  const { tenantId, userId } = ctx.viewer;
  const withIds = added.map(({ taskIds, ...milestone }) => ({ id: newId(), taskIds, milestone }));
  const rows = await insertMilestones(
    tx,
    withIds.map(({ id, milestone }) => ({ ...milestone, tenantId, id, createdBy: userId })),
  );
  const taskIdsOfRow = new Map(withIds.map(({ id, taskIds }) => [id, taskIds]));
  await insertMilestoneTasks(
    tx,
    rows.flatMap((row) => rowsOf(row, taskIdsOfRow.get(row.id) ?? [])),
  );
  await appendEvents(
    tx,
    ctx.meta,
    rows.map(({ id, version }) => ({ type: "milestone.created", subjectId: id, subjectVersion: version, payload: {} })),
  );
  await writeAudit(
    tx,
    ctx.meta,
    rows.map((row) => ({
      action: "milestone.create",
      entityType: "milestone" as const,
      entityId: row.id,
      before: null,
      after: { ...row, taskIds: taskIdsOfRow.get(row.id) ?? [] },
    })),
  );
  return rows;
}

/** Changes a milestone that is planned. @throws NotFound, BadUserInput, Conflict (another version, in review, or reached) */
export async function updateMilestone(ctx: Context, input: UpdateMilestoneInput): Promise<Milestone> {
  const { name, description, dueOn } = input;
  assertMilestone(input);
  const ownerId = decodeIdOrNull("user", input.ownerId, "input.ownerId") ?? null;
  const taskIds = input.taskIds ? taskIdsOf(input.taskIds) : null;
  const changes = {
    ...(typeof name === "string" && { name: name.trim() }),
    ...(typeof description === "string" && { description }),
    ...(typeof dueOn === "string" && { dueOn }),
    ...(ownerId !== null && { ownerId }),
  };
  const changed = [...Object.keys(changes), ...(taskIds === null ? [] : ["taskIds"])];
  if (changed.length === 0) throw new BadUserInput([{ path: "input", message: "Nothing to change. Provide at least one field." }]);
  return ctx.inTenant(async (tx) => {
    const before = await openMilestone(ctx, tx, input);
    if (ownerId !== null && ownerId !== before.ownerId) await assertStaff(tx, ownerId, "input.ownerId");
    const tasksBefore = (await findTasksOfMilestones(tx, [before.id])).map(({ taskId }) => taskId);
    if (taskIds !== null) {
      await assertTasks(tx, before.projectId, taskIds);
      await deleteMilestoneTasks(tx, before.id);
      await insertMilestoneTasks(tx, rowsOf(before, taskIds));
    }
    // A worker plans the notices of the new day.
    const due = typeof dueOn === "string" && dueOn !== before.dueOn ? { dueAt: sql`app.weft_now()` } : {};
    const after = await updateMilestoneRow(tx, before.id, { ...changes, ...due });
    await recordChange(tx, ctx.meta, {
      event: { type: "milestone.updated", payload: { changed } },
      before: { ...imageOf(before), taskIds: tasksBefore },
      after: { ...imageOf(after), taskIds: taskIds ?? tasksBefore },
    });
    return toMilestone(after);
  });
}

/** Deletes a milestone. @throws NotFound, Conflict (another version, or in review) */
export async function deleteMilestone(ctx: Context, input: VersionedIdInput): Promise<void> {
  await ctx.inTenant(async (tx) => {
    const before = await lockedMilestone(ctx, tx, input);
    assertNotInReview(before);
    await updateMilestoneRow(tx, before.id, { deletedAt: sql`now()`, deletedBy: ctx.meta.actorId, dueAt: null });
    await recordChange(tx, ctx.meta, { event: { type: "milestone.deleted", payload: {} }, before: imageOf(before), after: null });
  });
}

/** Restores a deleted milestone. @throws NotFound (not deleted, too), Conflict (another version), BadUserInput (too many milestones) */
export async function restoreMilestone(ctx: Context, input: VersionedIdInput): Promise<Milestone> {
  const id = decodeId("milestone", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await lockProjectOf(ctx, tx, input.id);
    const before = await lockDeletedMilestone(tx, ctx.viewer, id);
    if (before === null) throw new NotFound("Milestone", input.id);
    assertVersion(before, input.expectedVersion);
    await assertRoom(tx, before.projectId, "input.id");
    const dueAt = before.status === "REACHED" ? null : sql`app.weft_now()`;
    const after = await updateMilestoneRow(tx, id, { deletedAt: null, deletedBy: null, dueAt });
    await recordChange(tx, ctx.meta, { event: { type: "milestone.restored", payload: {} }, before: null, after: imageOf(after) });
    return toMilestone(after);
  });
}

/**
 * Locks the project of a milestone, deleted or not, before the milestone itself: the project is not deleted, and gets no other milestones, until the
 * transaction ends.
 * @throws NotFound if there is no such milestone, or the viewer cannot change its project
 */
export async function lockProjectOf(ctx: Context, tx: Tx, id: string): Promise<LockedProject> {
  const projectId = await findProjectOfMilestone(tx, decodeId("milestone", id, "input.id"));
  const project = projectId === null ? null : await lockChangedProject(tx, ctx, projectId);
  if (project === null) throw new NotFound("Milestone", id);
  return project;
}

/** The row for audit entries. The reason is the comment of the user who refused the milestone, which stays in the row and in the history alone. */
export const imageOf = ({ reason: _reason, ...row }: MilestoneRow) => row;

/** Returns the milestone for a payload, with the viewer's current rights. @throws NotFound */
export async function getMilestone(ctx: Context, tx: Tx, id: string): Promise<Milestone> {
  const [row] = await findMilestones(tx, ctx.viewer, [id]);
  if (!row) throw new NotFound("Milestone", encodeId("milestone", id));
  return toMilestone(row);
}

/** Locks a milestone that is planned. @throws NotFound, Conflict (another version, in review, or reached) */
export async function openMilestone(ctx: Context, tx: Tx, input: VersionedIdInput): Promise<MilestoneRow> {
  const row = await lockedMilestone(ctx, tx, input);
  assertNotInReview(row);
  if (row.status === "REACHED") throw new Conflict(`The milestone ${quote(row.name)} is reached, and cannot be changed.`, {});
  return row;
}

/** Returns the days of the milestones of projects that are not reached, for other parts of the subgraph. */
export const findOpenMilestoneDays = (tx: Tx, projectIds: readonly string[]): ReturnType<typeof findOpenDays> =>
  findOpenDays(tx, projectIds);

async function lockedMilestone(ctx: Context, tx: Tx, { id, expectedVersion }: VersionedIdInput): Promise<MilestoneRow> {
  const row = await lockMilestone(tx, ctx.viewer, decodeId("milestone", id, "input.id"));
  if (row === null) throw new NotFound("Milestone", id);
  assertVersion(row, expectedVersion);
  return row;
}

function assertVersion({ version }: MilestoneRow, expected: number | null | undefined): void {
  if (typeof expected === "number" && expected !== version) throw changedMeanwhile("milestone", version);
}

function assertNotInReview({ name, status }: MilestoneRow): void {
  if (status === "IN_REVIEW") throw new Conflict(`The milestone ${quote(name)} is in review. Cancel the review first.`, {});
}

/** Checks the number of milestones of a project that the caller has locked. @throws BadUserInput */
async function assertRoom(tx: Tx, projectId: string, path: string): Promise<void> {
  if ((await countMilestones(tx, projectId)) < maxMilestones) return;
  throw new BadUserInput([{ path, message: `A project has at most ${maxMilestones} milestones. Delete one first.` }]);
}

function assertMilestone(input: Omit<UpdateMilestoneInput, "id">): void {
  if (typeof input.dueOn === "string") assertDay(input.dueOn, "input.dueOn");
  milestoneColumns.assertText(input);
}

function taskIdsOf(ids: readonly string[]): string[] {
  if (ids.length > maxTasks)
    throw new BadUserInput([{ path: "input.taskIds", message: `A milestone depends on at most ${maxTasks} tasks, not ${ids.length}.` }]);
  return ids.map((id, index) => decodeId("projectTask", id, `input.taskIds.${index}`));
}

/** @throws BadUserInput if the project has no such task */
async function assertTasks(tx: Tx, projectId: string, taskIds: readonly string[]): Promise<void> {
  if (taskIds.length === 0) return;
  const { byId } = await readTree(tx, projectId);
  const problems = taskIds.flatMap((id, index) =>
    byId.has(id)
      ? []
      : [{ path: `input.taskIds.${index}`, message: `The project has no task with the ID ${encodeId("projectTask", id)}.` }],
  );
  if (problems.length > 0) throw new BadUserInput(problems);
}

const rowsOf = ({ tenantId, id, projectId }: MilestoneRow, taskIds: readonly string[]) =>
  [...new Set(taskIds)].map((taskId) => ({ tenantId, milestoneId: id, taskId, projectId }));
