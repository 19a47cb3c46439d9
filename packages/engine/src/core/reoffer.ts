/** What a new assignee means for open tasks: those that wait for the assignee change hands, and what waits for others besides stays theirs. */
import type { Actor, Principal } from "./actor.js";
import { contextOf } from "./conditions/context.js";
import { evaluateOperand } from "./conditions/evaluate.js";
import type { Machine, TaskRule } from "./machine.js";
import type { Snapshot, SnapshotTask } from "./snapshot.js";

/** Whom an open task is offered to from now on. `assigneeId`: who has it; null: it waits in the queue. `isKept`: that has not changed. */
export type Reoffer = {
  readonly id: string;
  readonly candidateUserIds: readonly string[];
  readonly candidateTeamIds: readonly string[];
  readonly candidateVendorIds: readonly string[];
  readonly assigneeId: string | null;
  readonly isKept: boolean;
};

/** The snapshot is that of before the assignment. */
export function reoffered(
  machine: Machine,
  snapshot: Snapshot,
  { to, actor, now }: { to: Principal | null; actor: Actor; now: string },
): Reoffer[] {
  return snapshot.openTasks.flatMap((task) => {
    const rule = machine.tasks.get(task.rule);
    if (!rule?.candidates.assignee) return [];
    if (isForAssigneeAlone(rule)) {
      const assigneeId = to?.type === "user" ? to.id : null;
      return [{ id: task.id, ...candidates([], to), assigneeId, isKept: false }];
    }
    const former = snapshot.assignee;
    const stays = former === null || isNamedBesides(machine, snapshot, rule, { former, actor, now });
    const others = principalsOf(task).filter((one) => stays || !isSame(one, former));
    const next = candidates(others, to);
    const isKept = task.assigneeId === null || next.candidateUserIds.includes(task.assigneeId) || !mayBeThrough(former, task.assigneeId);
    return [{ id: task.id, ...next, assigneeId: isKept ? task.assigneeId : null, isKept }];
  });
}

function isForAssigneeAlone({ each, candidates: { roles, users, teams, owner, from, route } }: TaskRule): boolean {
  return roles.length + users.length + teams.length + from.length === 0 && !owner && each === null && route === null;
}

/** Whether the rule means the former assignee in another way too, as the data is now. */
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
  const context = contextOf(snapshot, { data, actor, now, showId: machine.showId });
  const shown = machine.showId?.(former.type, former.id) ?? former.id;
  return [...from, ...(each ? [each] : [])].some((operand) => {
    const value = evaluateOperand(operand, context);
    return value === shown || (Array.isArray(value) && value.includes(shown));
  });
}

/** A claim that may come from having been the assignee. Of a team or a vendor nobody says which of its people was meant otherwise. */
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

const isSame = (one: Principal, other: Principal | null): boolean => one.type === other?.type && one.id === other.id;
