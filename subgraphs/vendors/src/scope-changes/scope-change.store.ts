import { scope } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { among, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import { inVisibleProject } from "../projects/in-visible-project.js";

const { scopeChanges } = scope;

export type ScopeChangeRow = typeof scopeChanges.$inferSelect;

const { proposal: _proposal, application: _application, ...shown } = getTableColumns(scopeChanges);

/** A change without what only its approval needs: the application contains every task of the plan. */
export type ShownScopeChange = Omit<ScopeChangeRow, "proposal" | "application">;
export type ScopeChangeChanges = Partial<
  Pick<
    ScopeChangeRow,
    "status" | "outcomeReason" | "impact" | "application" | "baseNumber" | "baseProjectVersion" | "basePlanVersion" | "instanceId"
  >
>;

/** Visible if the viewer's permission reaches the project. */
export const visibleScopeChanges = (viewer: Viewer, permission: Permission): SQL => inVisibleProject(scopeChanges, viewer, permission);

/** Returns the visible changes among the given IDs, in any order. */
export function findScopeChanges(
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permission: Permission = "scope.read",
): Promise<ShownScopeChange[]> {
  const where = and(among(scopeChanges.id, ids), visibleScopeChanges(viewer, permission));
  return named("findScopeChanges", tx.select(shown).from(scopeChanges).where(where));
}

export const selectScopeChangesSlice = (
  tx: Tx,
  where: SQL | undefined,
  { orderBy, limit }: Pick<KeysetSlice, "orderBy" | "limit">,
): Promise<ShownScopeChange[]> =>
  named(
    "listScopeChanges",
    tx
      .select(shown)
      .from(scopeChanges)
      .where(where)
      .orderBy(...orderBy)
      .limit(limit),
  );

export const countScopeChanges = (tx: Tx, where: SQL | undefined): Promise<number> =>
  countRows(tx, { name: "countScopeChanges", table: scopeChanges, where });

/** Locks a change. Null if the permission does not reach its project. */
export async function lockScopeChange(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<ScopeChangeRow | null> {
  const where = and(eq(scopeChanges.id, id), visibleScopeChanges(viewer, permission));
  const [row] = await named("lockScopeChange", tx.select().from(scopeChanges).where(where).for("no key update"));
  return row ?? null;
}

/** Returns the next number of the changes of a project, which the caller has locked. */
export async function nextScopeChangeNumber(tx: Tx, projectId: string): Promise<number> {
  const query = tx
    .select({ number: sql<number>`coalesce(max(${scopeChanges.number}), 0) + 1` })
    .from(scopeChanges)
    .where(eq(scopeChanges.projectId, projectId));
  const [row] = await named("nextScopeChangeNumber", query);
  return row?.number ?? 1;
}

export const insertScopeChange = (tx: Tx, values: typeof scopeChanges.$inferInsert): Promise<ScopeChangeRow> =>
  insertedRow(named("insertScopeChange", tx.insert(scopeChanges).values(values).returning()));

/** Writes the changes of a row that the caller has locked, and increments its version. */
export async function updateScopeChangeRow(tx: Tx, id: string, changes: ScopeChangeChanges): Promise<ScopeChangeRow> {
  const query = tx
    .update(scopeChanges)
    .set({ ...changes, ...nextVersion(scopeChanges) })
    .where(eq(scopeChanges.id, id))
    .returning();
  const row = await writtenRow(named("updateScopeChangeRow", query));
  if (!row) throw new Error("A locked change of a scope could not be written.");
  return row;
}
