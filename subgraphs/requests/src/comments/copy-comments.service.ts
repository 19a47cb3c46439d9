import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findComments } from "./comment.store.js";

export { copyComments } from "./copy-comments.store.js";

/**
 * Returns the UUIDs of comments of a request that an input names, each once.
 * @throws BadUserInput naming each that the viewer cannot read, or that belongs to another request
 */
export async function commentsOf(tx: Tx, ctx: Context, requestId: string, given: readonly string[]): Promise<string[]> {
  const ids = given.map((id, at) => decodeId("requestComment", id, `input.commentIds.${at}`));
  if (ids.length === 0) return [];
  const readable = new Set((await findComments(tx, ctx.viewer, ids)).filter((row) => row.requestId === requestId).map(({ id }) => id));
  const problems: Problem[] = given.flatMap((id, at) =>
    readable.has(ids[at] ?? "")
      ? []
      : [{ path: `input.commentIds.${at}`, message: `The request has no comment with the ID ${quote(id)} that you can read.` }],
  );
  if (problems.length > 0) throw new BadUserInput(problems);
  return [...new Set(ids)];
}
