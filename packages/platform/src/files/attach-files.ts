import { writeAudit } from "../audit/write.js";
import type { Tx } from "../db/database.js";
import { BadUserInput, LimitExceeded, type Problem, quote } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { appendEvents } from "../events/append.js";
import type { WriteMeta } from "../events/write-meta.js";
import { countOfObject, findOfObject, insertAttachments } from "./attachment.store.js";
import type { AttachmentRow, NewAttachment } from "./attachment.store.js";
import { findAttachableFiles, findConfidentialExports, keepFiles, lockFiles } from "./file.store.js";
import type { AttachableType } from "./visible-attachments.js";

/** Attachments of one object. */
export const maxAttachments = 200;

/** The user in whose name attachments are written, with the metadata of the rows. */
export interface AttachmentWriter {
  readonly viewer: Viewer;
  readonly meta: WriteMeta;
}

/** A file as an input names it. */
export interface GivenFile {
  /** UUID */
  readonly id: string;
  readonly given: string;
  readonly path: string;
}

export type NewAttachments = Pick<NewAttachment, "objectType" | "objectId" | "visibility" | "commentId" | "vendorId"> & {
  readonly files: readonly GivenFile[];
  /** Path of all files in the input. */
  readonly path: string;
  /** Whether only files of the viewer can be attached. */
  readonly areOwn?: true;
};

/**
 * Attaches files to an object that the viewer was already checked to see. The files then no longer expire.
 * @throws BadUserInput (files), LimitExceeded (`attachments`)
 */
export async function attachFiles(
  tx: Tx,
  writer: AttachmentWriter,
  { files, path, areOwn, ...place }: NewAttachments,
): Promise<AttachmentRow[]> {
  const ids = files.map(({ id }) => id);
  // So that they cannot expire meanwhile.
  await lockFiles(tx, ids);
  await assertReceived(tx, writer, files, areOwn === true);
  const used = await countOfObject(tx, place.objectId);
  if (used + files.length > maxAttachments) throw new LimitExceeded({ limit: "attachments", used, allowed: maxAttachments });
  const values = files.map(({ id: fileId }) => ({ ...place, fileId }));
  return insertAll(tx, writer, values, path);
}

/** Attaches the files of an object to another one, too, in the name of a user. */
export async function attachFilesOf(
  tx: Tx,
  writer: AttachmentWriter,
  fromId: string,
  to: { readonly type: AttachableType; readonly id: string },
): Promise<void> {
  const files = (await findOfObject(tx, fromId)).map(({ fileId }) => fileId);
  if (files.length === 0) return;
  await lockFiles(tx, files);
  // Read again under the locks: one of the files can have been deleted with its last attachment meanwhile.
  const found = (await findOfObject(tx, fromId)).filter(({ fileId }) => files.includes(fileId));
  if (found.length === 0) return;
  const place = { objectType: to.type, objectId: to.id, commentId: null, vendorId: null };
  const values = found.map(({ fileId, visibility }) => ({ ...place, fileId, visibility }));
  await insertAll(tx, writer, values, "input.fileId");
}

type Values = Omit<NewAttachment, "tenantId" | "id" | "createdBy">;

/** Attaches locked files. */
async function insertAll(tx: Tx, writer: AttachmentWriter, attachments: readonly Values[], path: string): Promise<AttachmentRow[]> {
  const { tenantId, userId } = writer.viewer;
  const values = attachments.map((attachment) => ({ ...attachment, tenantId, id: newId(), createdBy: userId }));
  const rows = await insertAttachments(tx, values, path);
  await keepFiles(
    tx,
    values.map(({ fileId }) => fileId),
  );
  const entryOf = (row: AttachmentRow) => ({
    action: "attachment.create",
    entityType: "attachment" as const,
    entityId: row.id,
    before: null,
    after: row,
  });
  await writeAudit(tx, writer.meta, rows.map(entryOf));
  await tellOfAttachments(tx, writer, "attachment.created", rows);
  return rows;
}

/** Names every file that cannot be attached. */
async function assertReceived(tx: Tx, writer: AttachmentWriter, files: readonly GivenFile[], areOwn: boolean): Promise<void> {
  const ids = files.map(({ id }) => id);
  const found = new Map((await findAttachableFiles(tx, writer.viewer, ids)).map((file) => [file.id, file]));
  const confidential = await findConfidentialExports(tx, ids);
  const problemOf = ({ id, given }: GivenFile): string | null => {
    const file = found.get(id);
    if (file === undefined) return `No file with the ID ${quote(given)} exists. Files that are not attached are deleted after a day.`;
    if (areOwn && file.createdBy !== writer.viewer.userId) return "The file was uploaded by another user. Upload it yourself.";
    if (confidential.has(id))
      return "The file is an export of a person's data or of the audit trail, which is only for the user who requested it.";
    if (file.status === "PENDING") return "The bytes of the file have not been received yet. Send them to the URL from createUpload first.";
    if (file.status === "REJECTED") return `The file was rejected: ${file.reason}`;
    return null;
  };
  const problems = files.flatMap((file): Problem[] => {
    const message = problemOf(file);
    return message === null ? [] : [{ path: file.path, message }];
  });
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** Users of a vendor do not receive events of the audience INTERNAL. */
export async function tellOfAttachments(
  tx: Tx,
  writer: Pick<AttachmentWriter, "meta">,
  type: "attachment.created" | "attachment.deleted",
  rows: readonly AttachmentRow[],
): Promise<void> {
  const eventOf = ({ id, fileId, objectType, objectId, visibility }: AttachmentRow) => ({
    type,
    subjectId: id,
    subjectVersion: type === "attachment.created" ? 1 : 2,
    related: { file: fileId, [objectType]: objectId },
    payload: { fileId, audience: visibility === "INTERNAL" ? ("INTERNAL" as const) : ("PUBLIC" as const) },
  });
  await appendEvents(tx, writer.meta, rows.map(eventOf));
}
