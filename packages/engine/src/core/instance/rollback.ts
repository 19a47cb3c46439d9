import { patched } from "./change-data.js";
import { readRequiredComment } from "../transition/read-comment.js";
import { draftOf, finish } from "../outcome/finish.js";
import type { Action, Machine, Transition } from "../model/machine.js";
import { closesWithState, runActions } from "../outcome/run-actions.js";
import type { FireResult } from "../model/outcome.js";
import { withFormerAssignees } from "../authorization/people.js";
import { quote } from "../model/problems.js";
import { badInput, rejected } from "../model/rejection.js";
import type { Arrival, RollbackRequest } from "../model/requests.js";
import { fourEyesReasons } from "../authorization/rights.js";
import type { Snapshot } from "../model/snapshot.js";
import { statusReason } from "../transition/guards.js";

/**
 * Returns an instance that has not ended to an earlier state of its history, as a new change. The tasks of the current state are superseded, and
 * those of the earlier state are opened as they were then. Other actions do not run again, because their effects are already visible outside. A user
 * whom separation of duties excludes from a transition that led there, the last one or an earlier one, cannot get there by a rollback either: a
 * decision on the data of that time would count for the current data. A suspended instance stays suspended.
 */
export function rollback(machine: Machine, snapshot: Snapshot, request: RollbackRequest): FireResult {
  if (snapshot.status !== "RUNNING" && snapshot.status !== "SUSPENDED") return rejected([statusReason(snapshot, machine)]);
  const { actor, now, input } = request;
  const to = machine.states.get(request.to.state);
  if (!to || to.final)
    return rejected([
      { rule: "state", message: `The instance cannot be rolled back: its definition has no state ${quote(request.to.state)}.` },
    ]);
  const arrival = arrivalOf(machine, request);
  // A rollback keeps all records, both of the assignees of that time and of the current ones.
  const doneBy = withFormerAssignees(snapshot.doneBy, [...(request.to.assignees ?? []), snapshot.assignee]);
  const [excluded] = [arrival, ...(request.to.way ?? []).map((one) => transitionOf(machine, one))]
    .map((one) => fourEyesReasons(one?.allow ?? null, { ...snapshot, doneBy: doneBy ?? snapshot.doneBy }, actor))
    .filter((reasons) => reasons.length > 0);
  if (excluded) return rejected(excluded);
  const reason = readRequiredComment(request.reason, "reason");
  if ("problem" in reason) return badInput([reason.problem]);

  const draft = draftOf(machine, snapshot, { actor, now, state: to.name, input: null, comment: reason.text });
  if (request.to.data !== null) draft.data = patched(machine, {}, request.to.data);
  for (const task of snapshot.openTasks.filter((one) => closesWithState(machine, one))) {
    draft.closeTasks.push({ id: task.id, reason: "superseded" });
    draft.stillOpen.delete(task.id);
  }
  const left = machine.states.get(request.to.arrival?.from ?? "");
  runActions(draft, [...(arrival ? [...(left?.onExit ?? []), ...arrival.actions] : []), ...to.onEntry].filter(opensTask));
  const done = finish(machine, draft, { kind: "rollback", before: snapshot, from: snapshot.state, to, transition: null });
  return done.ok ? { ok: true, outcome: { ...done.outcome, status: snapshot.status, input, ...(doneBy && { doneBy }) } } : done;
}

const opensTask = ({ kind }: Action): boolean => kind === "openTask";

function arrivalOf(machine: Machine, { to: { state, arrival } }: RollbackRequest): Transition | null {
  const transition = transitionOf(machine, arrival);
  return transition?.to === state ? transition : null;
}

const transitionOf = (machine: Machine, arrival: Arrival | undefined): Transition | undefined =>
  machine.states.get(arrival?.from ?? "")?.transitions.get(arrival?.transition ?? "");
