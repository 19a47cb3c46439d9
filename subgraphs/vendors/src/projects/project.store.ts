import { customFields, vendors as tables, workflows } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, exists, getTableColumns, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { projects } = tables;
const { instanceHeads: heads } = workflows;
const { customFieldValues } = customFields;

export type LockedProject = typeof projects.$inferSelect;

/** A project with the state and the status of its workflow. */
export type ProjectRow = LockedProject & { state: string; status: string };

export type ProjectChanges = Partial<
  Omit<LockedProject, "tenantId" | "id" | "startsOrder" | "endsOrder" | "version" | "createdAt" | "updatedAt">
>;

const projectColumns = { ...getTableColumns(projects), state: heads.state, status: heads.status };
const ofProject = and(eq(heads.tenantId, projects.tenantId), eq(heads.id, projects.instanceId));

/** Visible if the viewer can see the project's instance, which has the columns that scopes read. */
export const visibleProjects = (viewer: Viewer, permission: Permission): SQL => visibleObjects("project", viewer, permission);

export async function findProjectsByIds(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<Map<string, ProjectRow>> {
  const where = and(among(projects.id, ids), visibleProjects(viewer, "project.read"));
  const rows = await named("findProjectsByIds", tx.select(projectColumns).from(projects).innerJoin(heads, ofProject).where(where));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Returns those of the given projects that a permission of the viewer reaches. */
export async function findReachedProjects(
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permission: Permission,
): Promise<Map<string, true>> {
  const where = and(among(projects.id, ids), visibleProjects(viewer, permission));
  const query = tx.select({ id: projects.id }).from(projects).innerJoin(heads, ofProject).where(where);
  const rows = await named("findReachedProjects", query);
  return new Map(rows.map(({ id }) => [id, true]));
}

/** Returns a project that was written in this transaction, or replayed from an earlier one. */
export async function selectProject(tx: Tx, id: string): Promise<ProjectRow | null> {
  const query = tx.select(projectColumns).from(projects).innerJoin(heads, ofProject).where(eq(projects.id, id));
  const [row] = await named("selectProject", query);
  return row ?? null;
}

export function selectProjectsSlice(
  tx: Tx,
  where: SQL | undefined,
  { orderBy, limit }: { orderBy: SQL[]; limit: number },
): Promise<ProjectRow[]> {
  const query = tx
    .select(projectColumns)
    .from(projects)
    .innerJoin(heads, ofProject)
    .where(where)
    .orderBy(...orderBy)
    .limit(limit);
  return named("selectProjectsSlice", query);
}

/** Returns a page in the order of a custom field. */
export function selectProjectsByField(
  tx: Tx,
  where: SQL | undefined,
  { orderBy, limit, join, value }: { orderBy: SQL[]; limit: number; join: SQL; value: SQL<string | number> },
): Promise<(ProjectRow & { fieldValue: string | number })[]> {
  const query = tx
    .select({ ...projectColumns, fieldValue: value })
    .from(projects)
    .innerJoin(customFieldValues, join)
    .innerJoin(heads, ofProject)
    .where(where)
    .orderBy(...orderBy)
    .limit(limit);
  return named("selectProjectsByField", query);
}

export async function countProjects(tx: Tx, where: SQL | undefined): Promise<number> {
  const query = tx
    .select({ count: sql<number>`count(*)::int` })
    .from(projects)
    .innerJoin(heads, ofProject)
    .where(where);
  const [row] = await named("countProjects", query);
  return row?.count ?? 0;
}

/** Locks a project for a change. Null if the permission does not cover it for the viewer. */
export async function lockProject(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<LockedProject | null> {
  const visible = tx
    .select({ id: heads.id })
    .from(heads)
    .where(and(ofProject, visibleProjects(viewer, permission)));
  const query = tx
    .select()
    .from(projects)
    .where(and(eq(projects.id, id), exists(visible)))
    .for("update");
  const [row] = await named("lockProject", query);
  return row ?? null;
}

/** @throws BadUserInput if the code is taken */
export const insertProject = (tx: Tx, project: typeof projects.$inferInsert): Promise<LockedProject> =>
  insertedRow(named("insertProject", tx.insert(projects).values(project).returning()), unique(project.code));

/**
 * Writes the changes of a project that the caller has locked, and increments its version.
 * @throws BadUserInput if the code is taken
 */
export async function updateProjectRow(tx: Tx, id: string, changes: ProjectChanges): Promise<LockedProject> {
  const query = tx
    .update(projects)
    .set({ ...changes, ...nextVersion(projects) })
    .where(eq(projects.id, id))
    .returning();
  const row = await writtenRow(named("updateProjectRow", query), unique(changes.code));
  if (!row) throw new Error("A locked project could not be changed.");
  return row;
}

const unique = (code: string | undefined) => ({ projects_code_key: { type: "project", field: "code", value: code } }) as const;
