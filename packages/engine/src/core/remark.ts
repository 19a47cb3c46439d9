import { readComment, readRemark } from "./comment.js";
import { still, type FireResult } from "./outcome.js";
import { badInput, rejected } from "./rejection.js";
import type { RemarkRequest } from "./requests.js";
import type { Snapshot } from "./snapshot.js";
import { statusReason } from "./verdict.js";

/** Something said about an instance that has not ended: nothing of it changes but its version. */
export function comment(snapshot: Snapshot, request: RemarkRequest): FireResult {
  if (hasEnded(snapshot)) return rejected([statusReason(snapshot)]);
  const remark = readRemark(request.comment, "comment");
  if ("problem" in remark) return badInput([remark.problem]);
  return { ok: true, outcome: { ...still(snapshot, "comment", request), comment: remark.text } };
}

/** Holds a running instance: until it is resumed nothing fires, is assigned or changes its data. Its tasks stay as they are. */
export function suspend(snapshot: Snapshot, request: RemarkRequest): FireResult {
  if (snapshot.status !== "RUNNING") return rejected([statusReason(snapshot)]);
  const reason = readRemark(request.comment, "reason");
  if ("problem" in reason) return badInput([reason.problem]);
  return { ok: true, outcome: { ...still(snapshot, "suspend", request), status: "SUSPENDED", comment: reason.text } };
}

/** Lets a held instance go on where it stood. Why may be left unsaid. */
export function resume(snapshot: Snapshot, request: RemarkRequest): FireResult {
  if (snapshot.status !== "SUSPENDED") {
    return rejected([{ rule: "status", message: `The instance is ${snapshot.status}; only what is SUSPENDED can be resumed.` }]);
  }
  const { text, problem } = readComment(request.comment, "reason");
  if (problem) return badInput([problem]);
  return { ok: true, outcome: { ...still(snapshot, "resume", request), status: "RUNNING", comment: text } };
}

/** Whether nothing can be done about it any more; what has an incident has not ended. */
export function hasEnded({ status }: Snapshot): boolean {
  return status === "COMPLETED" || status === "CANCELLED";
}
