import { vendors as tables, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { objectAccessRules } from "@weft/platform/access";
import { among, insertedRow, named, nextVersion, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, desc, eq, getTableColumns, sql } from "drizzle-orm";

const { ratings } = tables;
const { definitions, instanceHeads } = workflows;

export type RatingRow = typeof ratings.$inferSelect;
export type RatingValues = Pick<RatingRow, "stars" | "comment" | "isForVendor">;

/** A request as far as ratings need it. */
export type RatedRequest = {
  /** Null if no vendor is assigned. */
  readonly vendorId: string | null;
  /** How the request ended: `completed`, `rejected` or `cancelled`. Null if it is open. */
  readonly ending: string | null;
};

/** Returns null if the permission `vendor.rate` does not cover the request. */
export async function findRatedRequest(tx: Tx, viewer: Viewer, id: string): Promise<RatedRequest | null> {
  const { from, id: requestId, inScope } = objectAccessRules.request;
  const [row] = await tx.execute<RatedRequest>(
    named(
      "findRatedRequest",
      sql`select ${instanceHeads.assigneeVendorId} as "vendorId", case when ${instanceHeads.closedAt} is not null then
            coalesce(${definitions.document}->'states'->${instanceHeads.state}->>'final', case when ${instanceHeads.finishedAt} is null then 'completed' else 'cancelled' end) end as ending
          from ${from}
          join ${definitions} on ${eq(definitions.tenantId, instanceHeads.tenantId)} and ${eq(definitions.id, instanceHeads.definitionId)}
          where ${requestId} = ${id}::uuid and ${inScope(viewer, "vendor.rate")}`,
    ),
  );
  return row ?? null;
}

/** Returns null if the request's work of this vendor is rated already. Waits for a transaction that rates it. */
export async function insertRating(
  tx: Tx,
  values: Omit<typeof ratings.$inferInsert, "createdAt" | "updatedAt">,
): Promise<RatingRow | null> {
  const times = { createdAt: sql`app.weft_now()`, updatedAt: sql`app.weft_now()` };
  const query = tx
    .insert(ratings)
    .values({ ...values, ...times })
    .onConflictDoNothing({ target: [ratings.tenantId, ratings.requestId, ratings.vendorId] })
    .returning();
  const [row] = await named("insertRating", query);
  return row ?? null;
}

/** Locks the rating of a vendor's work for a request. `isOpen`: it is younger than `days`. */
export async function lockRating(
  tx: Tx,
  { requestId, vendorId, days }: { readonly requestId: string; readonly vendorId: string; readonly days: number },
): Promise<{ readonly row: RatingRow; readonly isOpen: boolean } | null> {
  const isOpen = sql<boolean>`${ratings.createdAt} > app.weft_now() - make_interval(days => ${days})`;
  const query = tx
    .select({ row: getTableColumns(ratings), isOpen })
    .from(ratings)
    .where(and(eq(ratings.requestId, requestId), eq(ratings.vendorId, vendorId)))
    .for("update");
  const [found] = await named("lockRating", query);
  return found ?? null;
}

export function updateRating(tx: Tx, id: string, values: RatingValues): Promise<RatingRow> {
  const query = tx
    .update(ratings)
    .set({ ...values, ...nextVersion(ratings), updatedAt: sql`app.weft_now()` })
    .where(eq(ratings.id, id))
    .returning();
  return insertedRow(named("updateRating", query));
}

/** Returns a rating that was written in this transaction, or replayed from an earlier one. */
export async function selectRating(tx: Tx, id: string): Promise<RatingRow | null> {
  const [row] = await named("selectRating", tx.select().from(ratings).where(eq(ratings.id, id)));
  return row ?? null;
}

/**
 * Returns the newest rating of each request that was already checked to be visible. Another vendor may have completed the request again. Row-level
 * security shows users of a vendor the ratings of their own vendor.
 */
export const findRatingsOfRequests = (tx: Tx, requestIds: readonly string[]): Promise<RatingRow[]> =>
  named(
    "findRatingsOfRequests",
    tx
      .selectDistinctOn([ratings.requestId])
      .from(ratings)
      .where(among(ratings.requestId, requestIds))
      .orderBy(ratings.requestId, desc(ratings.createdAt), desc(ratings.id)),
  );

/** Returns at most `slice.limit` ratings of each vendor that was already checked to be visible, in the slice's order. */
export function listRatings(tx: Tx, vendorIds: readonly string[], slice: KeysetSlice): Promise<RatingRow[]> {
  return rowsOfEach(tx, "listRatings", ratings, { parent: ratings.vendorId, parentIds: vendorIds, slice });
}
