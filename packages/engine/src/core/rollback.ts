import { patched } from "./change-data.js";
import { readRemark } from "./comment.js";
import { draftOf, finish } from "./finish.js";
import type { Action, Machine, Transition } from "./machine.js";
import { closesWithState, runActions } from "./moves.js";
import type { FireResult } from "./outcome.js";
import { withFormerAssignees } from "./people.js";
import { quote } from "./problems.js";
import { badInput, rejected } from "./rejection.js";
import type { Arrival, RollbackRequest } from "./requests.js";
import { fourEyesReasons } from "./rights.js";
import type { Snapshot } from "./snapshot.js";
import { statusReason } from "./verdict.js";

/**
 * Puts an instance that has not ended into an earlier state of its history, as a new move. The tasks of the present state are superseded, and those of
 * the earlier one opened as they were then; other actions do not run again: the world has seen their effects. Who may not fire a
 * transition that led there, the last one or an earlier one, because it takes somebody else's eyes, does not get there by a rollback either: what was
 * decided for the data of then would stand for that of now. What is held stays held.
 */
export function rollback(machine: Machine, snapshot: Snapshot, request: RollbackRequest): FireResult {
  if (snapshot.status !== "RUNNING" && snapshot.status !== "SUSPENDED") return rejected([statusReason(snapshot)]);
  const { actor, now, input } = request;
  const to = machine.states.get(request.to.state);
  if (!to || to.final)
    return rejected([{ rule: "state", message: `The definition has no state ${quote(request.to.state)} to which it could go back.` }]);
  const arrival = arrivalOf(machine, request);
  // Going back forgets nobody, neither the assignees of then nor those of now.
  const doneBy = withFormerAssignees(snapshot.doneBy, [...(request.to.assignees ?? []), snapshot.assignee]);
  const [excluded] = [arrival, ...(request.to.way ?? []).map((one) => transitionOf(machine, one))]
    .map((one) => fourEyesReasons(one?.allow ?? null, { ...snapshot, doneBy: doneBy ?? snapshot.doneBy }, actor))
    .filter((reasons) => reasons.length > 0);
  if (excluded) return rejected(excluded);
  const reason = readRemark(request.reason, "reason");
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
