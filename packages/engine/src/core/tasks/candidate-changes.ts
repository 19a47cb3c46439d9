/**
 * Decides what a new assignee means for open tasks: tasks for the assignee are now for the new one, and tasks that are also offered to others keep
 * those candidates.
 */
import { isSamePrincipal, type Actor, type Principal } from "../model/actor.js";
import type { CandidateChange } from "../model/candidate-change.js";
import { contextOf } from "../conditions/context.js";
import { evaluateOperand } from "../conditions/evaluate.js";
import type { Machine, TaskRule } from "../model/machine.js";
import type { Snapshot, SnapshotTask } from "../model/snapshot.js";

/** The snapshot is the one before the assignment. */
export function candidateChanges(
  machine: Machine,
  snapshot: Snapshot,
  { to, actor, now }: { to: Principal | null; actor: Actor; now: string },
): CandidateChange[] {
  return snapshot.openTasks.flatMap((task) => {
    const rule = machine.tasks.get(task.rule);
    if (!rule?.candidates.assignee) return [];
    if (isForAssigneeAlone(rule)) {
      const assigneeId = to?.type === "user" ? to.id : null;
      return [{ id: task.id, ...candidates([], to), assigneeId, isKept: false }];
    }
    const former = snapshot.assignee;
    const stays = former === null || isNamedBesides(machine, snapshot, rule, { former, actor, now });
    const others = principalsOf(task).filter((one) => stays || !isSamePrincipal(one, former));
    const next = candidates(others, to);
    const isKept = task.assigneeId === null || next.candidateUserIds.includes(task.assigneeId) || !mayBeThrough(former, task.assigneeId);
    return [{ id: task.id, ...next, assigneeId: isKept ? task.assigneeId : null, isKept }];
  });
}

function isForAssigneeAlone({ each, candidates: { roles, users, teams, owner, from, route } }: TaskRule): boolean {
  return roles.length + users.length + teams.length + from.length === 0 && !owner && each === null && route === null;
}

/** Whether the rule also refers to the former assignee in another way, with the current data. */
function isNamedBesides(
  machine: Machine,
  snapshot: Snapshot,
  { each, candidates: { users, teams, owner, from } }: TaskRule,
  { former, actor, now }: { former: Principal; actor: Actor; now: string },
): boolean {
  if (former.type === "vendor") return false;
  if ((former.type === "user" ? users : teams).includes(former.id)) return true;
  if (owner && former.type === "user" && former.id === snapshot.ownerId) return true;
  const { data } = snapshot;
  const context = contextOf(snapshot, { data, actor, now, showId: machine.showId, calendars: machine.calendars });
  const shown = machine.showId?.(former.type, former.id) ?? former.id;
  return [...from, ...(each ? [each] : [])].some((operand) => {
    const value = evaluateOperand(operand, context);
    return value === shown || (Array.isArray(value) && value.includes(shown));
  });
}

/** Whether a claim might come from having been the assignee. For a team or a vendor, it is unknown which of its users was a candidate in another way. */
const mayBeThrough = (former: Principal | null, assigneeId: string): boolean =>
  former !== null && (former.type !== "user" || former.id === assigneeId);

function principalsOf({ candidateUserIds = [], candidateTeamIds = [], candidateVendorIds = [] }: SnapshotTask): Principal[] {
  return [
    ...candidateUserIds.map((id): Principal => ({ type: "user", id })),
    ...candidateTeamIds.map((id): Principal => ({ type: "team", id })),
    ...candidateVendorIds.map((id): Principal => ({ type: "vendor", id })),
  ];
}

function candidates(others: readonly Principal[], to: Principal | null) {
  const all = to ? [...others, to] : others;
  const ids = (type: Principal["type"]) => [...new Set(all.filter((one) => one.type === type).map(({ id }) => id))];
  return { candidateUserIds: ids("user"), candidateTeamIds: ids("team"), candidateVendorIds: ids("vendor") };
}
