import { vendors as tables, workflows } from "@weft/drizzle";
import { among, BadUserInput, mapDatabaseError, named, quote, visibleObjects } from "@weft/shared";
import type { Permission, Tx, Viewer } from "@weft/shared";
import { and, eq, getTableColumns, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { projects } = tables;
const { instanceHeads: heads } = workflows;

/** A project with the state of its workflow. */
export type ProjectRow = typeof projects.$inferSelect & { state: string };

const projectColumns = { ...getTableColumns(projects), state: heads.state };
const ofProject = and(eq(heads.tenantId, projects.tenantId), eq(heads.id, projects.instanceId));

/** Visible if the viewer can see the project's instance, which has the columns that scopes read. */
export const visibleProjects = (viewer: Viewer, permission: Permission): SQL => visibleObjects("project", viewer, permission);

export async function findProjectsByIds(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<Map<string, ProjectRow>> {
  const where = and(among(projects.id, ids), visibleProjects(viewer, "project.read"));
  const rows = await named("findProjectsByIds", tx.select(projectColumns).from(projects).innerJoin(heads, ofProject).where(where));
  return new Map(rows.map((row) => [row.id, row]));
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

export async function countProjects(tx: Tx, where: SQL | undefined): Promise<number> {
  const query = tx
    .select({ count: sql<number>`count(*)::int` })
    .from(projects)
    .innerJoin(heads, ofProject)
    .where(where);
  const [row] = await named("countProjects", query);
  return row?.count ?? 0;
}

/** @throws BadUserInput if the code is taken */
export async function insertProject(tx: Tx, project: typeof projects.$inferInsert): Promise<typeof projects.$inferSelect> {
  try {
    const [row] = await named("insertProject", tx.insert(projects).values(project).returning());
    if (!row) throw new Error("The insert of a project returned no row.");
    return row;
  } catch (error) {
    throw mapDatabaseError(error, {
      projects_code_key: () =>
        new BadUserInput([
          { path: "input.code", message: `The project code ${quote(project.code)} is already taken. Choose another one.` },
        ]),
    });
  }
}
