import type { InputProblem } from "./rejection.js";
import { checkJson } from "./schema/json.js";

const MAX_COMMENT_CHARS = 10_000;

/** An empty comment is none. `path` is where its sender wrote it. */
export function readComment(comment: unknown, path = "comment"): { text: string | null; problem?: InputProblem } {
  if (comment === undefined || comment === null) return { text: null };
  if (typeof comment !== "string") return { text: null, problem: { path, message: `A ${path} is text.` } };
  const [unfit] = checkJson(comment, path);
  if (unfit) return { text: null, problem: unfit };
  if (comment.length > MAX_COMMENT_CHARS) {
    return { text: null, problem: { path, message: `The ${path} has ${comment.length} characters; the most is ${MAX_COMMENT_CHARS}.` } };
  }
  return { text: comment.trim() === "" ? null : comment };
}

/** The same where there must be one. */
export function readRemark(remark: unknown, path: "comment" | "reason"): { text: string } | { problem: InputProblem } {
  const { text, problem } = readComment(remark, path);
  if (problem) return { problem };
  return text === null ? { problem: { path, message: `Say something: the ${path} is empty.` } } : { text };
}
