import { readComment, readRequiredComment } from "../transition/read-comment.js";
import { unchanged, type FireResult } from "../model/outcome.js";
import { badInput, rejected } from "../model/rejection.js";
import type { CommentRequest } from "../model/requests.js";
import type { Snapshot } from "../model/snapshot.js";
import { statusReason } from "../transition/guards.js";

/** Adds a comment to an instance that has not ended. Only its version changes. */
export function comment(snapshot: Snapshot, request: CommentRequest): FireResult {
  return hasEnded(snapshot) ? rejected([statusReason(snapshot)]) : internalComment(snapshot, request);
}

/** Adds an internal comment, which is not written to the instance. So the instance can have ended. */
export function internalComment(snapshot: Snapshot, request: CommentRequest): FireResult {
  const comment = readRequiredComment(request.comment, "comment");
  if ("problem" in comment) return badInput([comment.problem]);
  return { ok: true, outcome: { ...unchanged(snapshot, "comment", request), comment: comment.text } };
}

/**
 * Suspends a running instance: until it is resumed, no transition is fired, it is not assigned, and its data does not change. Its tasks stay as they
 * are. One that is suspended only with its parent is suspended for itself from then on.
 */
export function suspend(snapshot: Snapshot, request: CommentRequest): FireResult {
  const { status, isSuspendedWithParent = false } = snapshot;
  if (status !== "RUNNING" && !(status === "SUSPENDED" && isSuspendedWithParent)) return rejected([statusReason(snapshot)]);
  const reason = readRequiredComment(request.comment, "reason");
  if ("problem" in reason) return badInput([reason.problem]);
  return { ok: true, outcome: { ...unchanged(snapshot, "suspend", request), status: "SUSPENDED", comment: reason.text } };
}

/** Resumes a suspended instance where it was. The reason is optional. */
export function resume(snapshot: Snapshot, request: CommentRequest): FireResult {
  if (snapshot.status !== "SUSPENDED") {
    return rejected([{ rule: "status", message: `The instance is ${snapshot.status}; only SUSPENDED instances can be resumed.` }]);
  }
  const { text, problem } = readComment(request.comment, "reason");
  if (problem) return badInput([problem]);
  return { ok: true, outcome: { ...unchanged(snapshot, "resume", request), status: "RUNNING", comment: text } };
}

/** Whether the instance can no longer change. An instance with an incident has not ended. */
export function hasEnded({ status }: Snapshot): boolean {
  return status === "COMPLETED" || status === "CANCELLED";
}
