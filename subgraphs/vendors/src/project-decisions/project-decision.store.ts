import { vendors as tables } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, count, eq, type SQL } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { inVisibleProject } from "../projects/in-visible-project.js";

const { projectDecisions: decisions } = tables;

export type ProjectDecisionRow = typeof decisions.$inferSelect;

type Changes = Partial<Omit<PgUpdateSetSource<typeof decisions>, "tenantId" | "id" | "projectId" | "version">>;

/** Returns a decision. Null if the permission does not reach its project. */
export async function findDecision(tx: Tx, viewer: Viewer, id: string): Promise<ProjectDecisionRow | null> {
  const [row] = await named(
    "findProjectDecision",
    tx
      .select()
      .from(decisions)
      .where(visible(viewer, id, "project.read")),
  );
  return row ?? null;
}

/** Locks a decision for a change. Null if the viewer cannot change its project. */
export async function lockDecision(tx: Tx, viewer: Viewer, id: string): Promise<ProjectDecisionRow | null> {
  const query = tx
    .select()
    .from(decisions)
    .where(visible(viewer, id, "project.update"))
    .for("no key update");
  const [row] = await named("lockProjectDecision", query);
  return row ?? null;
}

const visible = (viewer: Viewer, id: string, permission: Permission): SQL | undefined =>
  and(eq(decisions.id, id), inVisibleProject(decisions, viewer, permission));

export const insertDecision = (tx: Tx, values: typeof decisions.$inferInsert): Promise<ProjectDecisionRow> =>
  insertedRow(named("insertProjectDecision", tx.insert(decisions).values(values).returning()));

/** Writes the changes of a decision that the caller has locked, and increments its version. */
export async function updateDecisionRow(tx: Tx, id: string, changes: Changes): Promise<ProjectDecisionRow> {
  const query = tx
    .update(decisions)
    .set({ ...changes, ...nextVersion(decisions) })
    .where(eq(decisions.id, id))
    .returning();
  const row = await writtenRow(named("updateProjectDecision", query));
  if (row === null) throw new Error("A locked decision could not be changed.");
  return row;
}

const ofStatus = (status: string | null): SQL | undefined => (status ? eq(decisions.status, status) : undefined);

/** Returns at most `slice.limit` decisions of each project that was checked to be visible, in the slice's order. */
export function listDecisionsOfProjects(
  tx: Tx,
  projectIds: readonly string[],
  slice: KeysetSlice,
  status: string | null,
): Promise<ProjectDecisionRow[]> {
  return rowsOfEach(tx, "listDecisionsOfProjects", decisions, {
    parent: decisions.projectId,
    parentIds: projectIds,
    where: ofStatus(status),
    slice,
  });
}

export async function countDecisions(tx: Tx, projectId: string, status: string | null): Promise<number> {
  const where = and(eq(decisions.projectId, projectId), ofStatus(status));
  const [row] = await named("countProjectDecisions", tx.select({ count: count() }).from(decisions).where(where));
  return row?.count ?? 0;
}
