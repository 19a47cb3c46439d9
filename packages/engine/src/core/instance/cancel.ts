import { clearsAll } from "../timers/set.js";
import { startsChildren } from "../children/children.js";
import { runsSteps } from "../outcome/finish.js";
import { readComment } from "../transition/read-comment.js";
import type { Machine } from "../model/machine.js";
import { unchanged, type FireResult } from "../model/outcome.js";
import { badInput, rejected } from "../model/rejection.js";
import type { CancelRequest } from "../model/requests.js";
import type { Snapshot } from "../model/snapshot.js";
import { statusReason } from "../transition/guards.js";

/**
 * Ends an instance that has not ended, whatever its state: open tasks are superseded, no action runs. The state becomes the definition's canceled
 * state if it has exactly one, otherwise it stays. It also stays without a machine, because the definition cannot be read.
 */
export function cancel(machine: Machine | null, snapshot: Snapshot, request: CancelRequest): FireResult {
  if (snapshot.status === "COMPLETED" || snapshot.status === "CANCELLED") return rejected([statusReason(snapshot, machine ?? undefined)]);
  const { text, problem } = readComment(request.comment);
  if (problem) return badInput([problem]);
  const cancelled = [...(machine?.states.values() ?? [])].filter((state) => state.final === "cancelled");
  const [only] = cancelled;
  return {
    ok: true,
    outcome: {
      ...unchanged(snapshot, "cancel", request),
      to: cancelled.length === 1 && only ? only.name : snapshot.state,
      status: "CANCELLED",
      outcome: "cancelled",
      cancelsChildren: !machine || startsChildren(machine, snapshot.state),
      ...((!machine || runsSteps(machine, snapshot.state)) && { stopsRun: true as const }),
      closeTasks: snapshot.openTasks.map(({ id }) => ({ id, reason: "superseded" })),
      comment: text,
      ...((!machine || machine.usesTimers) && { timersToClear: clearsAll }),
      // The end also resolves an open incident, because nobody can resolve it afterwards.
      ...(snapshot.status === "FAILED" && { resolution: { action: "CANCEL", comment: text } as const }),
    },
  };
}
