import type { Context } from "@weft/api/context";
import { requestCommentLoader } from "./comment.loader.js";
import { isReadableDeletion } from "./comment.store.js";

/** Returns whether the viewer can read the comment with the UUID, or could until it was deleted. */
export const isReadableComment = async (ctx: Context, id: string): Promise<boolean> =>
  (await requestCommentLoader(ctx).load(id)) !== null || ctx.read((tx) => isReadableDeletion(tx, ctx.viewer, id));
