import type { Machine } from "../model/machine.js";
import { unchanged, type FireResult, type Outcome } from "../model/outcome.js";
import { withFormerAssignees } from "../authorization/people.js";
import { rejected } from "../model/rejection.js";
import type { AssignRequest } from "../model/requests.js";
import type { Snapshot } from "../model/snapshot.js";
import { candidateChanges } from "../tasks/candidate-changes.js";
import { statusReason } from "../transition/guards.js";

/** Assigns the instance to a user, team or vendor, or to nobody. The former assignee still counts for `notSameAs: assignee` until the state is left. */
export function assign(machine: Machine, snapshot: Snapshot, request: AssignRequest): FireResult {
  if (snapshot.status !== "RUNNING") return rejected([statusReason(snapshot, machine)]);
  // Recorded even if this version does not need it: another version, to which the instance is migrated, might.
  const doneBy = withFormerAssignees(snapshot.doneBy, [snapshot.assignee]);
  return { ok: true, outcome: { ...assignment(machine, snapshot, request), ...(doneBy && { doneBy }) } };
}

/** The outcome of an assignment, without a record of the former assignee. */
export function assignment(machine: Machine, snapshot: Snapshot, request: Pick<AssignRequest, "to" | "actor" | "now">): Outcome {
  const offers = candidateChanges(machine, snapshot, request);
  return { ...unchanged(snapshot, "assign", request), assignee: request.to, ...(offers.length > 0 && { offers }) };
}
