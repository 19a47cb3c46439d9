import { files as tables } from "@weft/drizzle";
import { and, count, eq, inArray } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { mapDatabaseError } from "../db/errors.js";
import { named } from "../db/named.js";
import { BadUserInput } from "@weft/shared/errors";

const { attachments } = tables;

export type AttachmentRow = typeof attachments.$inferSelect;
export type NewAttachment = typeof attachments.$inferInsert;

/**
 * @param path of the files in the input
 * @throws BadUserInput if one of the files is already attached to the object
 */
export async function insertAttachments(tx: Tx, values: readonly NewAttachment[], path: string): Promise<AttachmentRow[]> {
  try {
    return await named(
      "insertAttachments",
      tx
        .insert(attachments)
        .values([...values])
        .returning(),
    );
  } catch (error) {
    const taken = () => new BadUserInput([{ path, message: "The file is already attached to this object." }]);
    throw mapDatabaseError(error, { attachments_object_key: taken });
  }
}

/** Returns all attachments of an object that the transaction can see, oldest first. */
export const findOfObject = (tx: Tx, objectId: string): Promise<AttachmentRow[]> =>
  named("findOfObject", tx.select().from(attachments).where(eq(attachments.objectId, objectId)).orderBy(attachments.id));

/** Deletes all attachments of files. Returns them. */
export const deleteAttachmentsOf = (tx: Tx, fileIds: readonly string[]): Promise<AttachmentRow[]> =>
  named(
    "deleteAttachmentsOf",
    tx
      .delete(attachments)
      .where(inArray(attachments.fileId, [...fileIds]))
      .returning(),
  );

/** Returns the number of all attachments of an object that the transaction can see. */
export async function countOfObject(tx: Tx, objectId: string): Promise<number> {
  const [row] = await named("countOfObject", tx.select({ count: count() }).from(attachments).where(eq(attachments.objectId, objectId)));
  return row?.count ?? 0;
}

/** Returns those of the given files that are attached to an object. */
export async function filesOfObject(tx: Tx, objectId: string, fileIds: readonly string[]): Promise<ReadonlySet<string>> {
  const query = tx
    .select({ id: attachments.fileId })
    .from(attachments)
    .where(and(eq(attachments.objectId, objectId), inArray(attachments.fileId, [...fileIds])));
  return new Set((await named("filesOfObject", query)).map(({ id }) => id));
}
