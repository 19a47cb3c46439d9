import { requests as tables, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects, worksOn } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rankWithin } from "@weft/api/pages";
import { and, count, eq, getTableColumns, isNotNull, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import { isItsInstance } from "../requests/request.instance.js";

const { comments, commentVersions, requests } = tables;
const { instanceHeads } = workflows;

export type CommentRow = typeof comments.$inferSelect;
export type CommentVersionRow = typeof commentVersions.$inferSelect;
export type NewComment = Omit<typeof comments.$inferInsert, "createdAt">;

const isItsRequest = and(eq(requests.tenantId, comments.tenantId), eq(requests.id, comments.requestId));
/** Comments of visible requests; internal ones only for users who work on the request. Row-level security restricts users of a vendor further. */
const isForViewer = (viewer: Viewer): SQL | undefined =>
  and(
    visibleObjects("request", viewer, "request.read"),
    or(eq(comments.audience, "PUBLIC"), worksOn(viewer, "request.read", instanceHeads)),
  );

/** Comments for the viewer that are not deleted. */
const readable = (viewer: Viewer): SQL | undefined => and(isNull(comments.deletedAt), isForViewer(viewer));

const selectComments = (tx: Tx) =>
  tx.select(getTableColumns(comments)).from(comments).innerJoin(requests, isItsRequest).innerJoin(instanceHeads, isItsInstance).$dynamic();

/** Returns those of the given comments that the viewer can read, in any order. */
export const findComments = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<CommentRow[]> =>
  named("findComments", selectComments(tx).where(and(among(comments.id, ids), readable(viewer))));

/** Returns whether a comment is deleted, and was for the viewer. */
export async function isReadableDeletion(tx: Tx, viewer: Viewer, id: string): Promise<boolean> {
  const query = selectComments(tx).where(and(eq(comments.id, id), isNotNull(comments.deletedAt), isForViewer(viewer)));
  return (await named("isReadableDeletion", query)).length > 0;
}

/** Lets one transaction at a time handle an email: others wait until it is committed. */
export async function lockEmail(tx: Tx, emailHash: string): Promise<void> {
  await tx.execute(named("lockEmail", sql`select pg_advisory_xact_lock(hashtextextended('weft.email.' || ${emailHash}::text, 0))`));
}

/** Returns whether an email has become a comment, which may have been deleted since. */
export async function hasCommentOfEmail(
  tx: Tx,
  { requestId, authorId, emailHash }: Pick<CommentRow, "requestId" | "authorId"> & { readonly emailHash: string },
): Promise<boolean> {
  const isIt = and(eq(comments.requestId, requestId), eq(comments.authorId, authorId), eq(comments.emailHash, emailHash));
  return (await named("hasCommentOfEmail", tx.select({ id: comments.id }).from(comments).where(isIt).limit(1))).length > 0;
}

/** Returns at most `slice.limit` readable comments of each request, in the slice's order. */
export function listCommentsOfRequests(tx: Tx, viewer: Viewer, requestIds: readonly string[], slice: KeysetSlice): Promise<CommentRow[]> {
  const ranked = tx
    .select({ id: comments.id, rank: rankWithin(comments.requestId, slice) })
    .from(comments)
    .innerJoin(requests, isItsRequest)
    .innerJoin(instanceHeads, isItsInstance)
    .where(and(among(comments.requestId, requestIds), readable(viewer), slice.where))
    .as("ranked");
  return named(
    "listCommentsOfRequests",
    tx
      .select(getTableColumns(comments))
      .from(comments)
      .innerJoin(ranked, eq(ranked.id, comments.id))
      .where(lte(ranked.rank, slice.limit))
      .orderBy(ranked.rank),
  );
}

export async function countComments(tx: Tx, viewer: Viewer, requestId: string): Promise<number> {
  const query = tx
    .select({ count: count() })
    .from(comments)
    .innerJoin(requests, isItsRequest)
    .innerJoin(instanceHeads, isItsInstance)
    .where(and(eq(comments.requestId, requestId), readable(viewer)));
  const [row] = await named("countComments", query);
  return row?.count ?? 0;
}

/** Returns the earlier texts of comments that were already checked to be readable, oldest first. */
export const findCommentVersions = (tx: Tx, commentIds: readonly string[]): Promise<CommentVersionRow[]> =>
  named(
    "findCommentVersions",
    tx.select().from(commentVersions).where(among(commentVersions.commentId, commentIds)).orderBy(commentVersions.version),
  );

export async function insertComment(tx: Tx, row: NewComment): Promise<void> {
  await named("insertComment", tx.insert(comments).values({ ...row, createdAt: sql`app.weft_now()` }));
}

/** Replaces the text of a comment that has this version. Returns false if it has another one. */
export async function updateComment(
  tx: Tx,
  { id, version }: Pick<CommentRow, "id" | "version">,
  changes: Pick<CommentRow, "text" | "mentionedIds">,
): Promise<boolean> {
  const query = tx
    .update(comments)
    .set({ ...changes, version: sql`${comments.version} + 1`, editedAt: sql`app.weft_now()` })
    .where(and(eq(comments.id, id), eq(comments.version, version)))
    .returning({ id: comments.id });
  return (await named("updateComment", query)).length > 0;
}

/** Keeps the text that an edit replaces. */
export async function insertCommentVersion(tx: Tx, { tenantId, id, version, text, authorId }: CommentRow): Promise<void> {
  const row = { tenantId, commentId: id, version, text, authorId, replacedAt: sql`app.weft_now()` };
  await named("insertCommentVersion", tx.insert(commentVersions).values(row));
}

/** Empties the text of a comment that has this version. Returns false if it has another one. */
export async function markDeleted(tx: Tx, { id, version }: Pick<CommentRow, "id" | "version">, deletedBy: string): Promise<boolean> {
  const query = tx
    .update(comments)
    .set({ text: "", mentionedIds: [], version: sql`${comments.version} + 1`, deletedAt: sql`app.weft_now()`, deletedBy })
    .where(and(eq(comments.id, id), eq(comments.version, version), isNull(comments.deletedAt)))
    .returning({ id: comments.id });
  return (await named("markDeleted", query)).length > 0;
}

/** Empties the earlier texts of a comment. */
export async function emptyCommentVersions(tx: Tx, commentId: string): Promise<void> {
  await named("emptyCommentVersions", tx.update(commentVersions).set({ text: "" }).where(eq(commentVersions.commentId, commentId)));
}
