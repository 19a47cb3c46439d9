import type { Machine } from "./machine.js";
import { still, type FireResult } from "./outcome.js";
import { rejected } from "./rejection.js";
import type { AssignRequest } from "./requests.js";
import type { Snapshot } from "./snapshot.js";
import { statusReason } from "./verdict.js";

/** Gives the instance to a user, team or vendor, or to nobody. */
export function assign(_machine: Machine, snapshot: Snapshot, request: AssignRequest): FireResult {
  if (snapshot.status !== "RUNNING") return rejected([statusReason(snapshot)]);
  return { ok: true, outcome: { ...still(snapshot, "assign", request), assignee: request.to } };
}
