import type { Machine } from "../model/machine.js";
import { unchanged, type FireResult } from "../model/outcome.js";
import { withFormerAssignees } from "../authorization/people.js";
import { rejected } from "../model/rejection.js";
import type { AssignRequest } from "../model/requests.js";
import type { Snapshot } from "../model/snapshot.js";
import { statusReason } from "../transition/guards.js";

/** Assigns the instance to a user, team or vendor, or to nobody. The former assignee still counts for `notSameAs: assignee` until the state is left. */
export function assign(_machine: Machine, snapshot: Snapshot, request: AssignRequest): FireResult {
  if (snapshot.status !== "RUNNING") return rejected([statusReason(snapshot)]);
  // Recorded even if this version does not need it: another version, to which the instance is migrated, might.
  const doneBy = withFormerAssignees(snapshot.doneBy, [snapshot.assignee]);
  return { ok: true, outcome: { ...unchanged(snapshot, "assign", request), assignee: request.to, ...(doneBy && { doneBy }) } };
}
