import { vendors as tables } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { among, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, count, eq, type SQL } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { inVisibleProject } from "../projects/in-visible-project.js";

const { projectRisks: risks } = tables;

export type ProjectRiskRow = typeof risks.$inferSelect;

type Changes = Partial<Omit<PgUpdateSetSource<typeof risks>, "tenantId" | "id" | "projectId" | "version">>;

/** Returns a risk. Null if the permission does not reach its project. */
export async function findRisk(tx: Tx, viewer: Viewer, id: string): Promise<ProjectRiskRow | null> {
  const [row] = await named(
    "findProjectRisk",
    tx
      .select()
      .from(risks)
      .where(visible(viewer, id, "project.read")),
  );
  return row ?? null;
}

/** Locks a risk for a change. Null if the viewer cannot change its project. */
export async function lockRisk(tx: Tx, viewer: Viewer, id: string): Promise<ProjectRiskRow | null> {
  const query = tx
    .select()
    .from(risks)
    .where(visible(viewer, id, "project.update"))
    .for("no key update");
  const [row] = await named("lockProjectRisk", query);
  return row ?? null;
}

const visible = (viewer: Viewer, id: string, permission: Permission): SQL | undefined =>
  and(eq(risks.id, id), inVisibleProject(risks, viewer, permission));

export const insertRisk = (tx: Tx, values: typeof risks.$inferInsert): Promise<ProjectRiskRow> =>
  insertedRow(named("insertProjectRisk", tx.insert(risks).values(values).returning()));

/** Writes the changes of a risk that the caller has locked, and increments its version. */
export async function updateRiskRow(tx: Tx, id: string, changes: Changes): Promise<ProjectRiskRow> {
  const query = tx
    .update(risks)
    .set({ ...changes, ...nextVersion(risks) })
    .where(eq(risks.id, id))
    .returning();
  const row = await writtenRow(named("updateProjectRisk", query));
  if (row === null) throw new Error("A locked risk could not be changed.");
  return row;
}

/** Returns the scores of the open risks of projects. */
export const findOpenScores = (tx: Tx, projectIds: readonly string[]): Promise<Pick<ProjectRiskRow, "projectId" | "title" | "score">[]> =>
  named(
    "findOpenRiskScores",
    tx
      .select({ projectId: risks.projectId, title: risks.title, score: risks.score })
      .from(risks)
      .where(and(among(risks.projectId, projectIds), eq(risks.status, "OPEN"))),
  );

const ofStatus = (status: string | null): SQL | undefined => (status ? eq(risks.status, status) : undefined);

/** Returns at most `slice.limit` risks of each project that was checked to be visible, in the slice's order. */
export function listRisksOfProjects(
  tx: Tx,
  projectIds: readonly string[],
  slice: KeysetSlice,
  status: string | null,
): Promise<ProjectRiskRow[]> {
  return rowsOfEach(tx, "listRisksOfProjects", risks, { parent: risks.projectId, parentIds: projectIds, where: ofStatus(status), slice });
}

export async function countRisks(tx: Tx, projectId: string, status: string | null): Promise<number> {
  const where = and(eq(risks.projectId, projectId), ofStatus(status));
  const [row] = await named("countProjectRisks", tx.select({ count: count() }).from(risks).where(where));
  return row?.count ?? 0;
}
