import { startsChildren } from "./children.js";
import { readComment } from "./comment.js";
import type { Machine } from "./machine.js";
import { still, type FireResult } from "./outcome.js";
import { badInput, rejected } from "./rejection.js";
import type { CancelRequest } from "./requests.js";
import type { Snapshot } from "./snapshot.js";
import { statusReason } from "./verdict.js";

/**
 * Ends an instance that has not ended, whatever its state: open tasks are superseded, no action runs. The state becomes the definition's
 * cancelled state when it has exactly one, else it stays. Without a machine, because its definition cannot be read, it stays too.
 */
export function cancel(machine: Machine | null, snapshot: Snapshot, request: CancelRequest): FireResult {
  if (snapshot.status === "COMPLETED" || snapshot.status === "CANCELLED") return rejected([statusReason(snapshot)]);
  const { text, problem } = readComment(request.comment);
  if (problem) return badInput([problem]);
  const cancelled = [...(machine?.states.values() ?? [])].filter((state) => state.final === "cancelled");
  const [only] = cancelled;
  return {
    ok: true,
    outcome: {
      ...still(snapshot, "cancel", request),
      to: cancelled.length === 1 && only ? only.name : snapshot.state,
      status: "CANCELLED",
      outcome: "cancelled",
      cancelsChildren: !machine || startsChildren(machine, snapshot.state),
      closeTasks: snapshot.openTasks.map(({ id }) => ({ id, reason: "superseded" })),
      comment: text,
      // Nobody resolves an incident of what has ended.
      ...(snapshot.status === "FAILED" && { resolution: { action: "CANCEL", comment: text } as const }),
    },
  };
}
