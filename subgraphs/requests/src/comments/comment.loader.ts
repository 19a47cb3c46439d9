import type { Context, RowLoader } from "@weft/api/context";
import { findComments, findCommentVersions } from "./comment.store.js";
import { type RequestComment, type RequestCommentVersion, toRequestComment, toRequestCommentVersion } from "./comment.type.js";

/** Loads comments by UUID, batched per request. Null for comments that the viewer cannot read. */
export const requestCommentLoader: RowLoader<RequestComment> = (ctx) =>
  ctx.loader<string, RequestComment>(
    "requestComment",
    async (tx, ids) => new Map((await findComments(tx, ctx.viewer, ids)).map((row) => [row.id, toRequestComment(row)])),
  );

/** Loads the earlier texts of a comment that the viewer can read. One statement for all comments of the response. */
export async function loadCommentVersions(ctx: Context, commentId: string): Promise<RequestCommentVersion[]> {
  const loader = ctx.loader<string, RequestCommentVersion[]>("requestCommentVersions", async (tx, ids) => {
    const byComment = Map.groupBy(await findCommentVersions(tx, ids), (row) => row.commentId);
    return new Map([...byComment].map(([id, rows]) => [id, rows.map(toRequestCommentVersion)]));
  });
  return (await loader.load(commentId)) ?? [];
}
