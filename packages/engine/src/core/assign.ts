import type { Machine } from "./machine.js";
import { still, type FireResult } from "./outcome.js";
import { withFormerAssignees } from "./people.js";
import { rejected } from "./rejection.js";
import type { AssignRequest } from "./requests.js";
import type { Snapshot } from "./snapshot.js";
import { statusReason } from "./verdict.js";

/** Gives the instance to a user, team or vendor, or to nobody. Whoever had it still counts for `notSameAs: assignee` until the state is left. */
export function assign(_machine: Machine, snapshot: Snapshot, request: AssignRequest): FireResult {
  if (snapshot.status !== "RUNNING") return rejected([statusReason(snapshot)]);
  // Whatever the version asks: another one, to which the instance migrates, may ask for it.
  const doneBy = withFormerAssignees(snapshot.doneBy, [snapshot.assignee]);
  return { ok: true, outcome: { ...still(snapshot, "assign", request), assignee: request.to, ...(doneBy && { doneBy }) } };
}
