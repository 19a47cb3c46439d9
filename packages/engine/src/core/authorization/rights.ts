/**
 * Authorization: decides who can fire a transition, by roles, permissions, assignment and separation of duties.
 * One evaluation of `allow` reports every rule that is not met.
 * This module never decides which instances a user can see: scopes and row-level security do.
 */
import type { Actor } from "../model/actor.js";
import type { Allow, Machine, Transition } from "../model/machine.js";
import { isOffered, oneOf } from "./offered.js";
import { FORMER_ASSIGNEES, ownPeople, peopleBehind, stepText, type Acting } from "./people.js";
import { quote } from "../model/problems.js";
import type { Reason, RuleResult } from "../model/rejection.js";
import type { Snapshot, SnapshotTask } from "../model/snapshot.js";

type Subject = Pick<Snapshot, "ownerId" | "assignee" | "doneBy" | "openTasks">;

/** The result of every rule of a block, and the reasons why the block as a whole is not met. Without reasons, the actor is allowed. */
export type Evaluation = { readonly ruleResults: readonly RuleResult[]; readonly reasons: readonly Reason[] };

/** `fire` uses the reasons, `explain` the rule results. Both come from a single evaluation of each rule. */
export function evaluateAllow(allow: Allow | null, subject: Subject, acting: Acting, at = "allow"): Evaluation {
  if (!allow) return { ruleResults: [], reasons: [] };
  const { actor } = acting;
  const { owner, assignee, candidate, roles, permissions } = allow;
  const evaluated = (name: string, holds: boolean, reason: Reason): Evaluation => ({
    ruleResults: [{ ...reason, at: `${at}.${name}`, holds, isAlternative: false }],
    reasons: holds ? [] : [reason],
  });
  const resultOf = (rule: Reason["rule"], name: string, holds: boolean, message: string) => evaluated(name, holds, { rule, message });
  const alternatives: Evaluation[] = [];
  if (owner) alternatives.push(resultOf("owner", "owner", isOwner(subject, actor), "Only the owner can do this."));
  if (assignee) alternatives.push(resultOf("assignee", "assignee", isAssignee(subject, actor), "Only the assignee can do this."));
  if (candidate)
    alternatives.push(
      resultOf("candidate", "candidate", isCandidate(subject, acting), "Only users to whom the task is offered can do this."),
    );
  if (roles.length > 0) {
    const holds = roles.some((role) => actor.roles.includes(role));
    alternatives.push(evaluated("roles", holds, requiresRole(roles)));
  }
  if (permissions.length > 0) {
    const holds = permissions.some((key) => actor.permissions.includes(key));
    alternatives.push(evaluated("permissions", holds, requiresPermission(permissions)));
  }
  alternatives.push(...allow.any.map((block, index) => evaluateAllow(block, subject, acting, `${at}.any[${index}]`)));
  const needed = [
    ...allow.all.map((block, index) => evaluateAllow(block, subject, acting, `${at}.all[${index}]`)),
    ...allow.notSameAs.map((who) => resultOf("notSameAs", "notSameAs", !isSameAs(who, subject, acting), otherNeeded(who, acting.machine))),
  ];
  const isMet = alternatives.length === 0 || alternatives.some(({ reasons }) => reasons.length === 0);
  const ways = alternatives.flatMap(({ ruleResults }) => ruleResults);
  return {
    ruleResults: [
      ...(alternatives.length > 1 ? ways.map((result) => ({ ...result, isAlternative: true })) : ways),
      ...needed.flatMap(({ ruleResults }) => ruleResults),
    ],
    reasons: [...(isMet ? [] : alternatives.flatMap(({ reasons }) => reasons)), ...needed.flatMap(({ reasons }) => reasons)],
  };
}

/**
 * Returns why the actor could not fire any transition with this name, whatever the instance is: the roles and permissions that the actor lacks. Empty if an
 * instance is possible that the actor could, such as one that the actor owns.
 */
export function neverReasons({ states }: Machine, name: string, actor: Actor): readonly Reason[] {
  const all = [...states.values()].flatMap(({ transitions }) => transitions.get(name) ?? []);
  const reasons = all.map(({ allow }) => lackedFor(allow, actor));
  return reasons.some((of) => of.length === 0) ? [] : (reasons[0] ?? []);
}

function lackedFor(allow: Allow | null, actor: Actor): readonly Reason[] {
  if (!allow) return [];
  const { owner, assignee, candidate, roles, permissions, any, all } = allow;
  const needed = all.flatMap((block) => lackedFor(block, actor));
  const alternatives = [
    ...(owner || assignee || candidate ? [[]] : []),
    ...(roles.length > 0 ? [roles.some((role) => actor.roles.includes(role)) ? [] : [requiresRole(roles)]] : []),
    ...(permissions.length > 0
      ? [permissions.some((key) => actor.permissions.includes(key)) ? [] : [requiresPermission(permissions)]]
      : []),
    ...any.map((block) => lackedFor(block, actor)),
  ];
  return alternatives.some((of) => of.length === 0) ? needed : [...alternatives.flat(), ...needed];
}

const requiresRole = (roles: readonly string[]): Reason => ({ rule: "role", message: `This requires ${oneOf("role", roles)}.`, roles });

const requiresPermission = (keys: readonly string[]): Reason => ({
  rule: "permission",
  message: `This requires ${oneOf("permission", keys)}.`,
});

/** Returns whom the block excludes at any level, even if other rules allow the actor. Used where the rest of the block does not apply. */
export function fourEyesReasons(allow: Allow | null, subject: Subject, actor: Actor): Reason[] {
  if (!allow) return [];
  const own = evaluateAllow({ ...nobodyAsked, notSameAs: allow.notSameAs }, subject, { actor }).reasons;
  return [...own, ...[...allow.any, ...allow.all].flatMap((block) => fourEyesReasons(block, subject, actor))];
}

/** Everybody behind the action counts: a deputy, a substitute or a user who delegated the task cannot be used to bypass the rule. */
function isSameAs(who: string, subject: Subject, acting: Acting): boolean {
  const people = peopleBehind(subject, acting);
  if (who === "owner") return subject.ownerId !== null && people.has(subject.ownerId);
  if (who !== "assignee") return (subject.doneBy?.[who] ?? []).some((id) => people.has(id));
  if (isAssignee(subject, acting.actor)) return true;
  const { teamIds, vendorId } = acting.actor.principals;
  const assignees = [...(subject.doneBy?.[FORMER_ASSIGNEES] ?? []), ...(subject.assignee ? [subject.assignee.id] : [])];
  return assignees.some((id) => people.has(id) || teamIds.includes(id) || id === vendorId);
}

function otherNeeded(who: string, machine: Machine | undefined): string {
  if (who === "owner") return "The owner cannot do this. Another user must do it.";
  if (who === "assignee")
    return "The assignee and everyone who was the assignee since the state was entered cannot do this. Another user must do it.";
  return `A user who did ${stepText(who, machine)} cannot do this. Another user must do it.`;
}

const nobodyAsked: Allow = { owner: false, assignee: false, candidate: false, roles: [], permissions: [], notSameAs: [], any: [], all: [] };

/**
 * A claimed task belongs to the user who claimed it: nobody else can fire a transition meanwhile. The owner can still do what only the owner is
 * allowed to do (withdraw). A user who has claimed one of several claimed tasks can continue.
 */
export function claimReasons(
  transition: Transition,
  tasks: readonly SnapshotTask[],
  subject: Subject,
  actor: Actor,
  taskId: string | undefined,
): Reason[] {
  if (taskId !== undefined) {
    const task = tasks.find((one) => one.id === taskId);
    if (!task) return [{ rule: "task", message: "The task is no longer open." }];
    return task.assigneeId === null || holds(actor, task.assigneeId) ? [] : [claimed(task)];
  }
  if (transition.allow?.owner && isOwner(subject, actor)) return [];
  const taken = tasks.filter((task) => task.assigneeId !== null);
  const [first] = taken;
  return first === undefined || taken.some((task) => holds(actor, task.assigneeId)) ? [] : [claimed(first)];
}

/** Whether the task counts as the actor's own. This includes tasks of users whom the actor acts for. */
export function holds(actor: Actor, userId: string | null): boolean {
  return userId !== null && (userId === actor.id || ownPeople(actor).has(userId));
}

function claimed(task: SnapshotTask): Reason {
  const message = `The task ${quote(task.title)} is claimed by another user. It must first be released or assigned to you.`;
  return { rule: "claimed", message };
}

function isOwner({ ownerId }: Subject, actor: Actor): boolean {
  return holds(actor, ownerId);
}

function isAssignee({ assignee }: Subject, actor: Actor): boolean {
  if (!assignee) return false;
  const { userIds, teamIds, vendorId } = actor.principals;
  if (assignee.type === "team") return teamIds.includes(assignee.id);
  if (assignee.type === "vendor") return vendorId === assignee.id;
  return userIds.includes(assignee.id) || holds(actor, assignee.id);
}

/**
 * For an open task, or the one that the action completes: whether it belongs to the actor, or is offered to the actor or to somebody the actor acts
 * for.
 */
function isCandidate({ openTasks }: Subject, { actor, taskId }: Acting): boolean {
  return openTasks.some(
    (task) =>
      (taskId === undefined || task.id === taskId) && (task.assigneeId === null ? isOffered(task, actor) : holds(actor, task.assigneeId)),
  );
}
