import { requests as tables } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjectsByIndex } from "@weft/platform/access";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, exists, getTableColumns, gt, isNull, or, type SQL, sql } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/pg-core";

const { assets, requestFormLinks } = tables;

export type RequestFormLinkRow = typeof requestFormLinks.$inferSelect;
export type NewRequestFormLink = Pick<
  typeof requestFormLinks.$inferInsert,
  "tenantId" | "id" | "assetId" | "typeId" | "note" | "requestsPerHour" | "expiresAt" | "createdBy"
>;

const now = sql`app.weft_now()`;
const isLive = and(isNull(requestFormLinks.revokedAt), or(isNull(requestFormLinks.expiresAt), gt(requestFormLinks.expiresAt, now)));

/** Links are visible to users who can change their assets. */
export const visibleLinks = (viewer: Viewer): SQL =>
  exists(
    new QueryBuilder()
      .select({ id: assets.id })
      .from(assets)
      .where(
        and(
          eq(assets.tenantId, requestFormLinks.tenantId),
          eq(assets.id, requestFormLinks.assetId),
          visibleObjectsByIndex("asset", viewer, "asset.update"),
        ),
      ),
  );

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findRequestFormLinks = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<RequestFormLinkRow[]> =>
  named(
    "findRequestFormLinks",
    tx
      .select()
      .from(requestFormLinks)
      .where(and(among(requestFormLinks.id, ids), visibleLinks(viewer))),
  );

export async function findRequestFormLink(tx: Tx, viewer: Viewer, id: string): Promise<RequestFormLinkRow | null> {
  const [row] = await findRequestFormLinks(tx, viewer, [id]);
  return row ?? null;
}

export const insertRequestFormLink = (tx: Tx, values: NewRequestFormLink): Promise<RequestFormLinkRow> =>
  insertedRow(
    named(
      "insertRequestFormLink",
      tx
        .insert(requestFormLinks)
        .values({ ...values, createdAt: now, updatedAt: now })
        .returning(),
    ),
  );

/** Returns null if the link's version is no longer `version`. */
export const revokeRequestFormLinkRow = (tx: Tx, id: string, version: number): Promise<RequestFormLinkRow | null> =>
  writtenRow(
    named(
      "revokeRequestFormLinkRow",
      tx
        .update(requestFormLinks)
        .set({ revokedAt: now, ...nextVersion(requestFormLinks) })
        .where(atVersion(requestFormLinks, id, version))
        .returning(),
    ),
  );

/** Returns the link unless it is revoked or expired. */
export async function findLiveRequestFormLink(tx: Tx, id: string): Promise<RequestFormLinkRow | null> {
  const query = tx
    .select()
    .from(requestFormLinks)
    .where(and(eq(requestFormLinks.id, id), isLive));
  const [row] = await named("findLiveRequestFormLink", query);
  return row ?? null;
}

const secondsLeft = sql<number>`greatest(1, ceil(extract(epoch from ${requestFormLinks.hourStartedAt} + interval '1 hour' - now())))::integer`;

interface Use {
  readonly row: RequestFormLinkRow;
  /** Seconds until the current hour ends. */
  readonly retryAfter: number;
}

/**
 * Counts a request of the link, also beyond its limit: the caller compares. Null if the link is revoked or expired. Concurrent uses of a link wait for
 * each other.
 */
export async function useRequestFormLink(tx: Tx, id: string): Promise<Use | null> {
  // True time: the limit protects the people who process requests, whatever the clock of a sandbox says.
  const isSameHour = sql`coalesce(${requestFormLinks.hourStartedAt} > now() - interval '1 hour', false)`;
  const query = tx
    .update(requestFormLinks)
    .set({
      requestCount: sql`${requestFormLinks.requestCount} + 1`,
      lastUsedAt: now,
      hourStartedAt: sql`case when ${isSameHour} then ${requestFormLinks.hourStartedAt} else now() end`,
      hourCount: sql`case when ${isSameHour} then ${requestFormLinks.hourCount} + 1 else 1 end`,
    })
    .where(and(eq(requestFormLinks.id, id), isLive))
    .returning({ ...getTableColumns(requestFormLinks), retryAfter: secondsLeft });
  const [used] = await named("useRequestFormLink", query);
  if (used === undefined) return null;
  const { retryAfter, ...row } = used;
  return { row, retryAfter };
}
