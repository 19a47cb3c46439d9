import { checkJson } from "./schema/json.js";
import type { InputProblem } from "./types.js";

const MAX_COMMENT_CHARS = 10_000;

/** An empty comment is none. */
export function readComment(comment: unknown): { text: string | null; problem?: InputProblem } {
  if (comment === undefined || comment === null) return { text: null };
  if (typeof comment !== "string") return { text: null, problem: { path: "comment", message: "A comment is text." } };
  const [unfit] = checkJson(comment, "comment");
  if (unfit) return { text: null, problem: unfit };
  if (comment.length > MAX_COMMENT_CHARS) {
    return {
      text: null,
      problem: { path: "comment", message: `The comment has ${comment.length} characters; the most is ${MAX_COMMENT_CHARS}.` },
    };
  }
  return { text: comment.trim() === "" ? null : comment };
}
