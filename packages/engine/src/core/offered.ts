/** Whom an open task waits for. */
import type { Actor } from "./actor.js";
import { ownPeople } from "./people.js";
import { quote } from "./problems.js";
import type { Reason } from "./rejection.js";
import type { SnapshotTask } from "./snapshot.js";

/** Whether it waits for the actor, or for somebody in whose place he acts: for one of his roles, his teams, his vendor or himself. */
export function isOffered(task: SnapshotTask, actor: Actor): boolean {
  const { roles, users, teams, vendors } = candidatesOf(task);
  const people = ownPeople(actor);
  const { userIds, teamIds, vendorId } = actor.principals;
  return (
    users.some((id) => people.has(id) || userIds.includes(id)) ||
    roles.some((role) => actor.roles.includes(role)) ||
    teams.some((id) => teamIds.includes(id)) ||
    (vendorId !== null && vendors.includes(vendorId))
  );
}

/**
 * Why completing an unclaimed task is not the actor's: it is offered to others, and he does not manage tasks. One that is offered to nobody is seen by
 * managers alone, and no rule of its own holds them up.
 */
export function offerReasons(task: SnapshotTask, actor: Actor): Reason[] {
  if (task.assigneeId !== null || actor.managesTasks || isOffered(task, actor)) return [];
  const { roles, users, teams, vendors } = candidatesOf(task);
  const whom = [
    ...(roles.length > 0 ? [`${roles.length === 1 ? "the role" : "one of the roles"} ${roles.join(", ")}`] : []),
    ...(users.length > 0 ? ["particular people"] : []),
    ...(teams.length > 0 ? ["a team"] : []),
    ...(vendors.length > 0 ? ["a vendor"] : []),
  ];
  if (whom.length === 0) return [];
  const message = `The task ${quote(task.title)} is not offered to you: it waits for ${whom.join(" or ")}. Who may assign tasks can give it to you.`;
  return [{ rule: "candidate", message }];
}

function candidatesOf({ candidateRoles, candidateUserIds, candidateTeamIds, candidateVendorIds }: SnapshotTask) {
  return { roles: candidateRoles ?? [], users: candidateUserIds ?? [], teams: candidateTeamIds ?? [], vendors: candidateVendorIds ?? [] };
}
