import type { InputProblem } from "../model/rejection.js";
import { checkJson } from "../model/values.js";

const MAX_COMMENT_CHARS = 10_000;

/** Reads a comment. An empty comment counts as none. `path` is where the client wrote it. */
export function readComment(comment: unknown, path = "comment"): { text: string | null; problem?: InputProblem } {
  if (comment === undefined || comment === null) return { text: null };
  if (typeof comment !== "string") return { text: null, problem: { path, message: `The ${path} must be text.` } };
  const [unfit] = checkJson(comment, path);
  if (unfit) return { text: null, problem: unfit };
  if (comment.length > MAX_COMMENT_CHARS) {
    return { text: null, problem: { path, message: `The ${path} has ${comment.length} characters; the maximum is ${MAX_COMMENT_CHARS}.` } };
  }
  return { text: comment.trim() === "" ? null : comment };
}

/** Reads a required comment. */
export function readRequiredComment(comment: unknown, path: "comment" | "reason"): { text: string } | { problem: InputProblem } {
  const { text, problem } = readComment(comment, path);
  if (problem) return { problem };
  return text === null ? { problem: { path, message: `The ${path} is empty. Enter some text.` } } : { text };
}
