import { BadUserInput, Forbidden } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { hasPermission } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { attachFiles, tellOfAttachments } from "@weft/platform/files";
import type { CommentAudience } from "@weft/api/comment-audience";
import type { Context } from "@weft/api/context";
import { endAttachmentsOfComment, findAttachmentsOfComments } from "./attachment.store.js";

/** Files of one comment. */
const maxFiles = 20;

interface CommentedOn {
  readonly id: string;
  readonly requestId: string;
  readonly audience: CommentAudience;
  /** The only vendor that sees the comment. */
  readonly vendorId: string | null;
}

/**
 * Attaches files that the viewer uploaded to the request of a new comment. They are visible to the users who can read the comment.
 * @param fileIds as in `input.fileIds`
 * @throws Forbidden, BadUserInput, LimitExceeded (`attachments`)
 */
export async function attachToComment(tx: Tx, ctx: Context, comment: CommentedOn, fileIds: readonly string[]): Promise<void> {
  const path = "input.fileIds";
  const files = new Map(fileIds.map((given, at) => [decodeId("file", given, `${path}.${at}`), { given, path: `${path}.${at}` }]));
  if (files.size === 0) return;
  if (!hasPermission(ctx.viewer, "file.create")) throw new Forbidden("You need the permission file.create to attach files.");
  if (files.size > maxFiles)
    throw new BadUserInput([{ path, message: `A comment can have at most ${maxFiles} files, not ${files.size}.` }]);
  await attachFiles(tx, ctx, {
    objectType: "request",
    objectId: comment.requestId,
    visibility: comment.audience === "INTERNAL" ? "INTERNAL" : "SHARED",
    commentId: comment.id,
    vendorId: comment.vendorId,
    files: [...files].map(([id, file]) => ({ id, ...file })),
    path,
    // Those of others would become visible to the users who can read the comment, and users of a vendor could not delete them.
    areOwn: true,
  });
}

/** Deletes the attachments of a comment that was just deleted. A worker deletes the files that have no others. */
export async function detachFromComment(tx: Tx, ctx: Context, commentId: string): Promise<void> {
  const rows = await findAttachmentsOfComments(tx, ctx.viewer, [commentId]);
  await endAttachmentsOfComment(tx, commentId);
  await writeAudit(
    tx,
    ctx.meta,
    rows.map((row) => ({ action: "attachment.delete", entityType: "attachment", entityId: row.id, before: row, after: null })),
  );
  await tellOfAttachments(tx, ctx, "attachment.deleted", rows);
}
