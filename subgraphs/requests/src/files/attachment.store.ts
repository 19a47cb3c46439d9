import { visibleInstances } from "@weft/platform/rights";
import { files as tables } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { among, named, type Tx } from "@weft/platform/db";
import { type AttachableType, type AttachmentRow, isInsiderOf, isVisibleObject, visibleAttachments } from "@weft/platform/files";
import { type KeysetSlice, rankWithin } from "@weft/api/pages";
import { and, count, eq, lte, type SQL, sql } from "drizzle-orm";

const { attachments } = tables;

export interface ObjectSight {
  readonly isVisible: boolean;
  /** Whether the viewer can see and add internal attachments. */
  readonly isInsider: boolean;
}

/** Returns how the viewer sees an object. */
export async function findObjectSight(tx: Tx, viewer: Viewer, type: AttachableType, objectId: string): Promise<ObjectSight> {
  const [row] = await tx.execute<ObjectSight & Record<string, unknown>>(
    named(
      "findObjectSight",
      sql`select ${isVisibleObject(type, viewer, objectId)} as "isVisible", ${isInsiderOf(type, viewer, objectId)} as "isInsider"`,
    ),
  );
  return row ?? { isVisible: false, isInsider: false };
}

/** Returns those of the given attachments that the viewer can see, in any order. */
export const findAttachments = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<AttachmentRow[]> =>
  named(
    "findAttachments",
    tx
      .select()
      .from(attachments)
      .where(and(among(attachments.id, ids), visibleAttachments(viewer))),
  );

/** Returns an attachment that the viewer can see. Null if there is none. */
export async function findAttachment(tx: Tx, viewer: Viewer, id: string): Promise<AttachmentRow | null> {
  const [row] = await findAttachments(tx, viewer, [id]);
  return row ?? null;
}

/** Returns an attachment that the viewer can see and delete. Null if there is none. */
export async function findDeletableAttachment(tx: Tx, viewer: Viewer, id: string): Promise<AttachmentRow | null> {
  const isInScope = visibleInstances(viewer, "file.delete", { ownerId: attachments.createdBy });
  const query = tx
    .select()
    .from(attachments)
    .where(and(eq(attachments.id, id), visibleAttachments(viewer), isInScope));
  const [row] = await named("findDeletableAttachment", query);
  return row ?? null;
}

/** Returns those attachments of comments that the viewer can see, oldest first. */
export const findAttachmentsOfComments = (tx: Tx, viewer: Viewer, commentIds: readonly string[]): Promise<AttachmentRow[]> =>
  named(
    "findAttachmentsOfComments",
    tx
      .select()
      .from(attachments)
      .where(and(among(attachments.commentId, commentIds), visibleAttachments(viewer)))
      .orderBy(attachments.id),
  );

/** Deletes the attachments of a deleted comment. A worker deletes the files that have no others. */
export async function endAttachmentsOfComment(tx: Tx, commentId: string): Promise<void> {
  await tx.execute(named("endAttachmentsOfComment", sql`select app.end_attachments_of_comment(${commentId}::uuid)`));
}

export async function deleteAttachmentRow(tx: Tx, id: string): Promise<void> {
  await named("deleteAttachmentRow", tx.delete(attachments).where(eq(attachments.id, id)));
}

/** Returns at most `slice.limit` visible attachments of each object, in the slice's order. */
export function listAttachments(tx: Tx, viewer: Viewer, objectIds: readonly string[], slice: KeysetSlice): Promise<AttachmentRow[]> {
  const ranked = tx
    .select({ id: attachments.id, rank: rankWithin(attachments.objectId, slice) })
    .from(attachments)
    .where(and(among(attachments.objectId, objectIds), visibleAttachments(viewer), slice.where))
    .as("ranked");
  const query = tx
    .select({
      tenantId: attachments.tenantId,
      id: attachments.id,
      fileId: attachments.fileId,
      objectType: attachments.objectType,
      objectId: attachments.objectId,
      visibility: attachments.visibility,
      commentId: attachments.commentId,
      vendorId: attachments.vendorId,
      createdBy: attachments.createdBy,
      createdAt: attachments.createdAt,
    })
    .from(attachments)
    .innerJoin(ranked, eq(ranked.id, attachments.id))
    .where(lte(ranked.rank, slice.limit))
    .orderBy(ranked.rank);
  return named("listAttachments", query);
}

/** Returns the number of visible attachments of an object. */
export async function countAttachments(tx: Tx, viewer: Viewer, objectId: string): Promise<number> {
  const where: SQL | undefined = and(eq(attachments.objectId, objectId), visibleAttachments(viewer));
  const [row] = await named("countAttachments", tx.select({ count: count() }).from(attachments).where(where));
  return row?.count ?? 0;
}
