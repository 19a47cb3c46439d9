import { type Context, rowLoader } from "@weft/api/context";
import { findAttachments, findAttachmentsOfComments } from "./attachment.store.js";
import { type Attachment, toAttachment } from "./attachment.type.js";

/** Loads attachments by UUID, batched per request. Null for attachments that the viewer cannot see. */
export const attachmentLoader = rowLoader("attachment", findAttachments, toAttachment);

/** Loads the attachments of a comment that the viewer can see, oldest first. One statement for all comments of the response. */
export async function loadAttachmentsOfComment(ctx: Context, commentId: string): Promise<Attachment[]> {
  const loader = ctx.loader<string, Attachment[]>("attachmentsOfComment", async (tx, ids) => {
    const byComment = Map.groupBy(await findAttachmentsOfComments(tx, ctx.viewer, ids), (row) => row.commentId ?? "");
    return new Map([...byComment].map(([id, rows]) => [id, rows.map(toAttachment)]));
  });
  return (await loader.load(commentId)) ?? [];
}
