import { identity, savedViews as tables } from "@weft/drizzle";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import { among, atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, inArray, isNull, ne, or, type SQL, sql } from "drizzle-orm";

const { teams } = identity;
const { savedViews } = tables;

export type SavedViewRow = typeof savedViews.$inferSelect;
export type SavedViewChanges = Partial<Pick<SavedViewRow, "name" | "visibility" | "teamId" | "filter" | "orderBy" | "columns">>;

/** Own views, those shared with a team of the viewer or with the tenant, and all shared views for viewers who can share with the tenant. */
export const visibleViews = (viewer: Viewer): SQL => {
  const isShared = reachesAll(viewer, "view.share")
    ? ne(savedViews.visibility, "PRIVATE")
    : or(
        eq(savedViews.visibility, "TENANT"),
        and(eq(savedViews.visibility, "TEAM"), sql`${savedViews.teamId} = any(${sql.param([...viewer.teamIds])}::uuid[])`),
      );
  return sql`(${eq(savedViews.ownerId, viewer.userId)} or ${isShared})`;
};

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findViews = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<SavedViewRow[]> =>
  named(
    "findViews",
    tx
      .select()
      .from(savedViews)
      .where(and(among(savedViews.id, ids), visibleViews(viewer))),
  );

export async function findView(tx: Tx, viewer: Viewer, id: string): Promise<SavedViewRow | null> {
  const [row] = await findViews(tx, viewer, [id]);
  return row ?? null;
}

/** Returns all views of these lists whose filters have conditions on custom fields, and locks them. */
export const findViewsWithFields = (tx: Tx, lists: readonly string[]): Promise<SavedViewRow[]> =>
  named(
    "findViewsWithFields",
    tx
      .select()
      .from(savedViews)
      .where(and(inArray(savedViews.list, [...lists]), sql`jsonb_path_exists(${savedViews.filter}, '$.**.fields')`))
      .orderBy(savedViews.id)
      .for("update"),
  );

/** Returns the number of views that the user owns. */
export const countOwnViews = (tx: Tx, ownerId: string): Promise<number> =>
  countRows(tx, { name: "countOwnViews", table: savedViews, where: eq(savedViews.ownerId, ownerId) });

export const insertView = (tx: Tx, values: typeof savedViews.$inferInsert): Promise<SavedViewRow> =>
  insertedRow(named("insertView", tx.insert(savedViews).values(values).returning()));

/** Returns null if the view's version is no longer `version`. */
export function updateViewRow(tx: Tx, id: string, version: number, changes: SavedViewChanges): Promise<SavedViewRow | null> {
  const query = tx
    .update(savedViews)
    .set({ ...changes, ...nextVersion(savedViews) })
    .where(atVersion(savedViews, id, version))
    .returning();
  return writtenRow(named("updateViewRow", query));
}

/** Returns false if the view's version is no longer `version`. */
export async function deleteViewRow(tx: Tx, id: string, version: number): Promise<boolean> {
  const query = tx
    .delete(savedViews)
    .where(atVersion(savedViews, id, version))
    .returning({ id: savedViews.id });
  return (await named("deleteViewRow", query)).length > 0;
}

export async function teamExists(tx: Tx, id: string): Promise<boolean> {
  const query = tx
    .select({ id: teams.id })
    .from(teams)
    .where(and(eq(teams.id, id), isNull(teams.deletedAt)));
  return (await named("teamExists", query)).length > 0;
}

/** Returns the number of rows of each statement. */
export async function countEach(tx: Tx, statements: readonly SQL[]): Promise<number[]> {
  const counts = statements.map((statement) => sql`(select count(*)::int from (${statement}) as matching)`);
  const [row] = await tx.execute<{ counts: number[] }>(
    named("countEach", sql`select array[${sql.join(counts, sql`, `)}]::int[] as counts`),
  );
  return row?.counts ?? [];
}
