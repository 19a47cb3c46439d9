import type { Machine } from "./machine.js";
import { rejected, still } from "./outcome.js";
import type { AssignRequest, FireResult, Snapshot } from "./types.js";
import { statusReason } from "./verdict.js";

/** Gives the instance to a user, team or vendor, or to nobody. */
export function assign(_machine: Machine, snapshot: Snapshot, request: AssignRequest): FireResult {
  if (snapshot.status !== "RUNNING") return rejected([statusReason(snapshot)]);
  return { ok: true, outcome: { ...still(snapshot, "assign", request), assignee: request.to } };
}
