import { vendors as tables } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { among, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, eq, isNotNull, isNull, ne, type SQL, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { inVisibleProject } from "../projects/in-visible-project.js";

const { milestones, milestoneTasks } = tables;

export type MilestoneRow = typeof milestones.$inferSelect;

/** Columns that can be changed, as values or expressions. */
export type MilestoneChanges = Partial<Omit<PgUpdateSetSource<typeof milestones>, "tenantId" | "id" | "projectId" | "version">>;

/** Visible if the permission reaches the project. */
export const visibleMilestones = (viewer: Viewer, permission: Permission): SQL | undefined =>
  and(isNull(milestones.deletedAt), inVisibleProject(milestones, viewer, permission));

/** Returns the visible milestones among the given IDs, in any order. */
export function findMilestones(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<MilestoneRow[]> {
  const where = and(among(milestones.id, ids), visibleMilestones(viewer, "project.read"));
  return named("findMilestones", tx.select().from(milestones).where(where));
}

/** Returns the UUID of the project of a milestone, deleted or not, without checking whether the viewer can see it. */
export async function findProjectOfMilestone(tx: Tx, id: string): Promise<string | null> {
  const query = tx.select({ projectId: milestones.projectId }).from(milestones).where(eq(milestones.id, id));
  const [row] = await named("findProjectOfMilestone", query);
  return row?.projectId ?? null;
}

/** Locks a milestone for a change. Null if it is deleted, or the viewer cannot change its project. */
export async function lockMilestone(tx: Tx, viewer: Viewer, id: string): Promise<MilestoneRow | null> {
  const where = and(eq(milestones.id, id), visibleMilestones(viewer, "project.update"));
  const [row] = await named("lockMilestone", tx.select().from(milestones).where(where).for("no key update"));
  return row ?? null;
}

/** Locks a deleted milestone. Null if it is not deleted, or the viewer cannot change its project. */
export async function lockDeletedMilestone(tx: Tx, viewer: Viewer, id: string): Promise<MilestoneRow | null> {
  const where = and(eq(milestones.id, id), isNotNull(milestones.deletedAt), inVisibleProject(milestones, viewer, "project.update"));
  const [row] = await named("lockDeletedMilestone", tx.select().from(milestones).where(where).for("no key update"));
  return row ?? null;
}

/** Returns at most `slice.limit` milestones of each project that was checked to be visible, in the slice's order. */
export function listMilestonesOfProjects(tx: Tx, projectIds: readonly string[], slice: KeysetSlice): Promise<MilestoneRow[]> {
  return rowsOfEach(tx, "listMilestonesOfProjects", milestones, {
    parent: milestones.projectId,
    parentIds: projectIds,
    where: isNull(milestones.deletedAt),
    slice,
  });
}

export async function countMilestones(tx: Tx, projectId: string): Promise<number> {
  const query = tx
    .select({ count: sql<number>`count(*)::int` })
    .from(milestones)
    .where(and(eq(milestones.projectId, projectId), isNull(milestones.deletedAt)));
  const [row] = await named("countMilestones", query);
  return row?.count ?? 0;
}

/** Returns the days of the milestones of projects that are not reached. */
export const findOpenDays = (tx: Tx, projectIds: readonly string[]): Promise<Pick<MilestoneRow, "projectId" | "name" | "dueOn">[]> =>
  named(
    "findOpenMilestoneDays",
    tx
      .select({ projectId: milestones.projectId, name: milestones.name, dueOn: milestones.dueOn })
      .from(milestones)
      .where(and(among(milestones.projectId, projectIds), isNull(milestones.deletedAt), ne(milestones.status, "REACHED"))),
  );

export type NewMilestone = Omit<typeof milestones.$inferInsert, "dueAt">;

/** Inserts milestones. A worker plans their notices. */
export const insertMilestones = async (tx: Tx, values: readonly NewMilestone[]): Promise<MilestoneRow[]> =>
  values.length === 0
    ? []
    : named(
        "insertMilestones",
        tx
          .insert(milestones)
          .values(values.map((row) => ({ ...row, dueAt: sql`app.weft_now()` })))
          .returning(),
      );

/** Writes the changes of a milestone that the caller has locked, and increments its version. */
export async function updateMilestoneRow(tx: Tx, id: string, changes: MilestoneChanges): Promise<MilestoneRow> {
  const query = tx
    .update(milestones)
    .set({ ...changes, ...nextVersion(milestones) })
    .where(eq(milestones.id, id))
    .returning();
  const row = await writtenRow(named("updateMilestoneRow", query));
  if (!row) throw new Error("A locked milestone could not be changed.");
  return row;
}

/** Returns the tasks of milestones that must be done first, also deleted ones. */
export const findTasksOfMilestones = (tx: Tx, milestoneIds: readonly string[]): Promise<{ milestoneId: string; taskId: string }[]> =>
  named(
    "findTasksOfMilestones",
    tx
      .select({ milestoneId: milestoneTasks.milestoneId, taskId: milestoneTasks.taskId })
      .from(milestoneTasks)
      .where(among(milestoneTasks.milestoneId, milestoneIds))
      .orderBy(milestoneTasks.taskId),
  );

export async function insertMilestoneTasks(tx: Tx, values: (typeof milestoneTasks.$inferInsert)[]): Promise<void> {
  if (values.length > 0) await named("insertMilestoneTasks", tx.insert(milestoneTasks).values(values));
}

export async function deleteMilestoneTasks(tx: Tx, milestoneId: string): Promise<void> {
  await named("deleteMilestoneTasks", tx.delete(milestoneTasks).where(eq(milestoneTasks.milestoneId, milestoneId)));
}
