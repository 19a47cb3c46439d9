/** Candidates of an open task. */
import type { Actor } from "../model/actor.js";
import { ownPeople } from "./people.js";
import { quote } from "../model/problems.js";
import type { Reason } from "../model/rejection.js";
import type { SnapshotTask } from "../model/snapshot.js";

/** Users, roles, teams and vendors to which a task is offered. */
export type Candidates = Readonly<Record<"roles" | "users" | "teams" | "vendors", readonly string[]>>;

type Offered = Readonly<
  Partial<Record<"candidateRoles" | "candidateUserIds" | "candidateTeamIds" | "candidateVendorIds", readonly string[]>>
>;

/** Whether the candidates include the actor or one of the actor's roles, teams or vendor. */
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

/** Whether the task is offered to the actor, or to somebody the actor acts for. */
export function isOffered(task: SnapshotTask, actor: Actor): boolean {
  const candidates = candidatesOf(task);
  const people = ownPeople(actor);
  return isAmong(candidates, actor) || candidates.users.some((id) => people.has(id));
}

/**
 * Returns why the actor cannot complete an unclaimed task: it is offered to others, and the actor does not manage tasks. A task that is offered to
 * nobody is visible only to managers, and this rule does not stop them.
 */
export function offerReasons(task: SnapshotTask, actor: Actor): Reason[] {
  if (task.assigneeId !== null || actor.managesTasks || isOffered(task, actor)) return [];
  const { roles, users, teams, vendors } = candidatesOf(task);
  const whom = [
    ...(roles.length > 0 ? [oneOf("role", roles)] : []),
    ...(users.length > 0 ? ["specific users"] : []),
    ...(teams.length > 0 ? ["a team"] : []),
    ...(vendors.length > 0 ? ["a vendor"] : []),
  ];
  if (whom.length === 0) return [];
  const message = `The task ${quote(task.title)} is not offered to you. It is offered to ${whom.join(" or ")}. A user who can assign tasks can assign it to you.`;
  return [{ rule: "candidate", message, ...(roles.length > 0 && { roles }) }];
}

/** `the role operations`, or `one of the roles operations, finance`. */
export function oneOf(what: "role" | "permission", keys: readonly string[]): string {
  return keys.length === 1 ? `the ${what} ${keys[0]}` : `one of the ${what}s ${keys.join(", ")}`;
}

/** Returns the reason with the names of the roles that it mentions by their keys. */
export function withRoleNames<R extends Reason>(reason: R, nameOf: (key: string) => string): R {
  const { message, roles } = reason;
  return roles ? { ...reason, message: message.replace(oneOf("role", roles), () => oneOf("role", roles.map(nameOf))) } : reason;
}

/** Returns the candidates of a stored task. */
export function candidatesOf({ candidateRoles, candidateUserIds, candidateTeamIds, candidateVendorIds }: Offered): Candidates {
  return { roles: candidateRoles ?? [], users: candidateUserIds ?? [], teams: candidateTeamIds ?? [], vendors: candidateVendorIds ?? [] };
}
