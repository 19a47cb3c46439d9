import { readComment } from "./comment.js";
import type { Machine } from "./machine.js";
import { badInput, rejected, still } from "./outcome.js";
import type { CancelRequest, FireResult, Snapshot } from "./types.js";
import { statusReason } from "./verdict.js";

/**
 * Ends an instance that has not ended, whatever its state: open tasks are superseded, no action runs. The state becomes the definition's
 * cancelled state when it has exactly one, else it stays.
 */
export function cancel(machine: Machine, snapshot: Snapshot, request: CancelRequest): FireResult {
  if (snapshot.status === "COMPLETED" || snapshot.status === "CANCELLED") return rejected([statusReason(snapshot)]);
  const { text, problem } = readComment(request.comment);
  if (problem) return badInput([problem]);
  const cancelled = [...machine.states.values()].filter((state) => state.final === "cancelled");
  const [only] = cancelled;
  return {
    ok: true,
    outcome: {
      ...still(snapshot, "cancel", request),
      to: cancelled.length === 1 && only ? only.name : snapshot.state,
      status: "CANCELLED",
      outcome: "cancelled",
      closeTasks: snapshot.openTasks.map(({ id }) => ({ id, reason: "superseded" })),
      comment: text,
    },
  };
}
