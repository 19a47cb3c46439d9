import { withinScopes } from "@weft/platform/rights";
import { vendors as tables, workflows } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { isOfVendor } from "@weft/platform/access";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { givenToVendor } from "@weft/platform/object-access";
import { and, asc, eq, inArray, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";

const { projects, projectTasks } = tables;
const { instances } = workflows;

export type ProjectTaskRow = typeof projectTasks.$inferSelect;
export type NewProjectTask = typeof projectTasks.$inferInsert;
export type ProjectTaskChanges = Partial<
  Pick<
    ProjectTaskRow,
    | "parentId"
    | "position"
    | "name"
    | "description"
    | "durationMinutes"
    | "constraintKind"
    | "constraintAt"
    | "deadlineAt"
    | "calendar"
    | "estimateMinutes"
    | "actualMinutes"
    | "percentComplete"
    | "actualStartAt"
    | "actualFinishAt"
    | "assigneeUserId"
    | "assigneeVendorId"
  >
>;

/** The condition that the workflow of the task's project matches another one. */
const ofProject = (condition: SQL): SQL =>
  sql`exists (select from ${projects} p join ${instances} i on i.tenant_id = p.tenant_id and i.id = p.instance_id
    where p.tenant_id = ${projectTasks.tenantId} and p.id = ${projectTasks.projectId} and ${condition})`;

const assignedTo = ({ userId, vendorId }: Viewer): SQL | undefined =>
  or(eq(projectTasks.assigneeUserId, userId), vendorId === null ? undefined : eq(projectTasks.assigneeVendorId, vendorId));

/**
 * Tasks in the scopes of a permission. OWN and TEAM: those of projects whose workflow belongs to the viewer or one of their teams. ASSIGNED: those
 * assigned to the viewer or the viewer's vendor.
 */
const inScope = (viewer: Viewer, permission: Permission): SQL =>
  withinScopes(viewer, permission, (scope) => {
    switch (scope) {
      case "TENANT":
        return sql`true`;
      case "OWN":
        return ofProject(sql`i.owner_id = ${viewer.userId}`);
      case "TEAM":
        return viewer.teamIds.length > 0 ? ofProject(sql`i.team_id = any(${sql.param([...viewer.teamIds])}::uuid[])`) : undefined;
      case "ASSIGNED":
        return assignedTo(viewer);
      case "BUILDING":
        return undefined;
      default:
        return scope satisfies never;
    }
  });

/**
 * Visibility of the aggregate. Users of a vendor are restricted by row-level security to the tasks that were assigned to the vendor; the additional
 * condition can use an index.
 */
export const visibleProjectTasks = (viewer: Viewer, permission: Permission): SQL | undefined =>
  and(
    isNull(projectTasks.deletedAt),
    inScope(viewer, permission),
    isOfVendor(viewer) ? givenToVendor(projectTasks.id, sql`${viewer.vendorId}`) : undefined,
  );

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findProjectTasks = (
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permission: Permission = "projectTask.read",
): Promise<ProjectTaskRow[]> =>
  named(
    "findProjectTasks",
    tx
      .select()
      .from(projectTasks)
      .where(and(among(projectTasks.id, ids), visibleProjectTasks(viewer, permission))),
  );

/** A user or a vendor that tasks are assigned to. */
export type Worker = { readonly userId: string } | { readonly vendorId: string };

/** Returns the tasks of a user or vendor that the viewer can see, with their projects. */
export const findTasksOf = (tx: Tx, viewer: Viewer, worker: Worker): Promise<{ id: string; projectId: string }[]> =>
  named(
    "findTasksOf",
    tx
      .select({ id: projectTasks.id, projectId: projectTasks.projectId })
      .from(projectTasks)
      .where(
        and(
          "userId" in worker ? eq(projectTasks.assigneeUserId, worker.userId) : eq(projectTasks.assigneeVendorId, worker.vendorId),
          visibleProjectTasks(viewer, "projectTask.read"),
        ),
      )
      .orderBy(asc(projectTasks.id)),
  );

/** Returns a deleted task, if the viewer's permission reaches it. */
export async function findDeletedProjectTask(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<ProjectTaskRow | null> {
  const where = and(eq(projectTasks.id, id), isNotNull(projectTasks.deletedAt), inScope(viewer, permission));
  const [row] = await named("findDeletedProjectTask", tx.select().from(projectTasks).where(where));
  return row ?? null;
}

/** Returns tasks by ID, deleted or not, whether the viewer can see them or not. The caller has locked the plan. */
export const selectProjectTasks = (tx: Tx, ids: readonly string[]): Promise<ProjectTaskRow[]> =>
  named("selectProjectTasks", tx.select().from(projectTasks).where(among(projectTasks.id, ids)));

export const insertProjectTask = (tx: Tx, values: NewProjectTask): Promise<ProjectTaskRow> =>
  insertedRow(named("insertProjectTask", tx.insert(projectTasks).values(values).returning()));

/** Returns null if the task's version is no longer `version`. */
export const updateProjectTaskRow = (tx: Tx, id: string, version: number, changes: ProjectTaskChanges): Promise<ProjectTaskRow | null> =>
  writtenRow(
    named(
      "updateProjectTaskRow",
      tx
        .update(projectTasks)
        .set({ ...changes, ...nextVersion(projectTasks) })
        .where(atVersion(projectTasks, id, version))
        .returning(),
    ),
  );

/** Marks tasks as deleted at the same time, by which they are restored together. */
export const markProjectTasksDeleted = (tx: Tx, ids: readonly string[], deletedBy: string): Promise<ProjectTaskRow[]> =>
  named(
    "markProjectTasksDeleted",
    tx
      .update(projectTasks)
      .set({ deletedAt: sql`app.weft_now()`, deletedBy, ...nextVersion(projectTasks) })
      .where(inArray(projectTasks.id, [...ids]))
      .returning(),
  );

export const unmarkProjectTasksDeleted = (tx: Tx, ids: readonly string[]): Promise<ProjectTaskRow[]> =>
  named(
    "unmarkProjectTasksDeleted",
    tx
      .update(projectTasks)
      .set({ deletedAt: null, deletedBy: null, ...nextVersion(projectTasks) })
      .where(inArray(projectTasks.id, [...ids]))
      .returning(),
  );

/** Returns the names of projects by ID. */
export async function findProjectNames(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  const query = tx.select({ id: projects.id, name: projects.name }).from(projects).where(among(projects.id, ids));
  const rows = await named("findProjectNames", query);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
