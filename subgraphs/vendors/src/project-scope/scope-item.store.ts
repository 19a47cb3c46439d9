import { scope } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { inVisibleProject } from "../projects/in-visible-project.js";

const { scopeItems } = scope;

export type ScopeItemRow = typeof scopeItems.$inferSelect;
export type ScopeItemChanges = Partial<Pick<ScopeItemRow, "title" | "description" | "acceptanceCriteria" | "status">>;

/** Returns the items of projects that the caller has found visible, the oldest first. */
export const findScopeItems = (tx: Tx, projectIds: readonly string[]): Promise<ScopeItemRow[]> =>
  named(
    "findScopeItems",
    tx
      .select()
      .from(scopeItems)
      .where(and(among(scopeItems.projectId, projectIds), isNull(scopeItems.removedAt)))
      .orderBy(asc(scopeItems.id)),
  );

/** Returns an item. Null if it is removed, or the permission does not reach its project. */
export async function findScopeItem(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<ScopeItemRow | null> {
  const where = and(eq(scopeItems.id, id), isNull(scopeItems.removedAt), inVisibleProject(scopeItems, viewer, permission));
  const [row] = await named("findScopeItem", tx.select().from(scopeItems).where(where));
  return row ?? null;
}

export const insertScopeItem = (tx: Tx, values: typeof scopeItems.$inferInsert): Promise<ScopeItemRow> =>
  insertedRow(named("insertScopeItem", tx.insert(scopeItems).values(values).returning()));

/** Returns null if the item's version is no longer `version`. */
export const updateScopeItemRow = (tx: Tx, id: string, version: number, changes: ScopeItemChanges): Promise<ScopeItemRow | null> =>
  writtenRow(
    named(
      "updateScopeItemRow",
      tx
        .update(scopeItems)
        .set({ ...changes, ...nextVersion(scopeItems) })
        .where(atVersion(scopeItems, id, version))
        .returning(),
    ),
  );

/** Marks an item as removed. Returns null if its version is no longer `version`. */
export const markScopeItemRemoved = (tx: Tx, id: string, version: number): Promise<ScopeItemRow | null> =>
  writtenRow(
    named(
      "markScopeItemRemoved",
      tx
        .update(scopeItems)
        .set({ removedAt: sql`now()`, ...nextVersion(scopeItems) })
        .where(atVersion(scopeItems, id, version))
        .returning(),
    ),
  );
