/** Whom an open task waits for. */
import type { Actor } from "./actor.js";
import { ownPeople } from "./people.js";
import { quote } from "./problems.js";
import type { Reason } from "./rejection.js";
import type { SnapshotTask } from "./snapshot.js";

/** To whom a task is offered. */
export type Candidates = Readonly<Record<"roles" | "users" | "teams" | "vendors", readonly string[]>>;

type Offered = Readonly<
  Partial<Record<"candidateRoles" | "candidateUserIds" | "candidateTeamIds" | "candidateVendorIds", readonly string[]>>
>;

/** Whether the candidates are the actor himself, one of his roles, his teams or his vendor. */
export function isAmong({ roles, users, teams, vendors }: Candidates, actor: Pick<Actor, "roles" | "principals">): boolean {
  const { userIds, teamIds, vendorId } = actor.principals;
  return (
    roles.some((role) => actor.roles.includes(role)) ||
    users.some((id) => userIds.includes(id)) ||
    teams.some((id) => teamIds.includes(id)) ||
    (vendorId !== null && vendors.includes(vendorId))
  );
}

export const isOfNobody = ({ roles, users, teams, vendors }: Candidates): boolean =>
  [roles, users, teams, vendors].every((list) => list.length === 0);

/** Whether it waits for the actor, or for somebody in whose place he acts. */
export function isOffered(task: SnapshotTask, actor: Actor): boolean {
  const candidates = candidatesOf(task);
  const people = ownPeople(actor);
  return isAmong(candidates, actor) || candidates.users.some((id) => people.has(id));
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

/** Of a task as it is kept. */
export function candidatesOf({ candidateRoles, candidateUserIds, candidateTeamIds, candidateVendorIds }: Offered): Candidates {
  return { roles: candidateRoles ?? [], users: candidateUserIds ?? [], teams: candidateTeamIds ?? [], vendors: candidateVendorIds ?? [] };
}
