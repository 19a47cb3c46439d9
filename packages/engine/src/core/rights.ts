/** Who may fire: one evaluation of `allow`, that says every rule which was not met. */
import type { Actor } from "./actor.js";
import type { Allow, Transition } from "./machine.js";
import { isOffered } from "./offered.js";
import { FORMER_ASSIGNEES, ownPeople, peopleBehind, type Acting } from "./people.js";
import { quote } from "./problems.js";
import type { Reason, RuleVerdict } from "./rejection.js";
import type { Snapshot, SnapshotTask } from "./snapshot.js";

type Subject = Pick<Snapshot, "ownerId" | "assignee" | "doneBy" | "openTasks">;

/** Every rule of a block with its verdict, and the reasons why the block as a whole says no; without reasons the actor may. */
export type Judged = { readonly verdicts: readonly RuleVerdict[]; readonly reasons: readonly Reason[] };

/** `fire` takes the reasons, `explain` the verdicts: they come from one look at each rule. */
export function judgeAllow(allow: Allow | null, subject: Subject, acting: Acting, at = "allow"): Judged {
  if (!allow) return { verdicts: [], reasons: [] };
  const { actor } = acting;
  const { owner, assignee, candidate, roles, permissions } = allow;
  const judgeAs = (rule: Reason["rule"], name: string, holds: boolean, message: string): Judged => ({
    verdicts: [{ rule, at: `${at}.${name}`, holds, isAlternative: false, message }],
    reasons: holds ? [] : [{ rule, message }],
  });
  const alternatives: Judged[] = [];
  if (owner) alternatives.push(judgeAs("owner", "owner", isOwner(subject, actor), "Only the owner may do this."));
  if (assignee) alternatives.push(judgeAs("assignee", "assignee", isAssignee(subject, actor), "Only the assignee may do this."));
  if (candidate)
    alternatives.push(
      judgeAs("candidate", "candidate", isCandidate(subject, acting), "Only those may do this to whom the task is offered."),
    );
  if (roles.length > 0) {
    const holds = roles.some((role) => actor.roles.includes(role));
    alternatives.push(judgeAs("role", "roles", holds, `This needs ${oneOf("role", roles)}.`));
  }
  if (permissions.length > 0) {
    const holds = permissions.some((key) => actor.permissions.includes(key));
    alternatives.push(judgeAs("permission", "permissions", holds, `This needs ${oneOf("permission", permissions)}.`));
  }
  alternatives.push(...allow.any.map((block, index) => judgeAllow(block, subject, acting, `${at}.any[${index}]`)));
  const needed = [
    ...allow.all.map((block, index) => judgeAllow(block, subject, acting, `${at}.all[${index}]`)),
    ...allow.notSameAs.map((who) => judgeAs("notSameAs", "notSameAs", !isSameAs(who, subject, acting), otherNeeded(who))),
  ];
  const isMet = alternatives.length === 0 || alternatives.some(({ reasons }) => reasons.length === 0);
  const ways = alternatives.flatMap(({ verdicts }) => verdicts);
  return {
    verdicts: [
      ...(alternatives.length > 1 ? ways.map((verdict) => ({ ...verdict, isAlternative: true })) : ways),
      ...needed.flatMap(({ verdicts }) => verdicts),
    ],
    reasons: [...(isMet ? [] : alternatives.flatMap(({ reasons }) => reasons)), ...needed.flatMap(({ reasons }) => reasons)],
  };
}

/** Whom the block excludes wherever it says so, whatever else would let the actor pass: for moves that do not ask for the rest of it. */
export function fourEyesReasons(allow: Allow | null, subject: Subject, actor: Actor): Reason[] {
  if (!allow) return [];
  const own = judgeAllow({ ...nobodyAsked, notSameAs: allow.notSameAs }, subject, { actor }).reasons;
  return [...own, ...[...allow.any, ...allow.all].flatMap((block) => fourEyesReasons(block, subject, actor))];
}

/** Whoever stands behind the move counts: a deputy, a stand-in, and who has given a task on are no way round. */
function isSameAs(who: string, subject: Subject, acting: Acting): boolean {
  const people = peopleBehind(subject, acting);
  if (who === "owner") return subject.ownerId !== null && people.has(subject.ownerId);
  if (who !== "assignee") return (subject.doneBy?.[who] ?? []).some((id) => people.has(id));
  if (isAssignee(subject, acting.actor)) return true;
  const { teamIds, vendorId } = acting.actor.principals;
  const assignees = [...(subject.doneBy?.[FORMER_ASSIGNEES] ?? []), ...(subject.assignee ? [subject.assignee.id] : [])];
  return assignees.some((id) => people.has(id) || teamIds.includes(id) || id === vendorId);
}

function otherNeeded(who: string): string {
  if (who === "owner") return "The owner may not do this: it needs somebody else.";
  if (who === "assignee")
    return "The assignee may not do this, nor may anybody who was the assignee since the state was entered: it needs somebody else.";
  return `Whoever did ${quote(who)} may not do this: it needs somebody else.`;
}

const nobodyAsked: Allow = { owner: false, assignee: false, candidate: false, roles: [], permissions: [], notSameAs: [], any: [], all: [] };

/**
 * A task claimed by another is that person's work: nobody else moves the instance meanwhile. The owner may still do what the owner alone
 * is allowed to (withdraw), and whoever holds one of several claimed tasks may go on.
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
    if (!task) return [{ rule: "task", message: "The task is not open any more." }];
    return task.assigneeId === null || holds(actor, task.assigneeId) ? [] : [claimed(task)];
  }
  if (transition.allow?.owner && isOwner(subject, actor)) return [];
  const taken = tasks.filter((task) => task.assigneeId !== null);
  const [first] = taken;
  return first === undefined || taken.some((task) => holds(actor, task.assigneeId)) ? [] : [claimed(first)];
}

/** The task counts as the actor's own, also when acting in the place of the one who claimed it. */
export function holds(actor: Actor, userId: string | null): boolean {
  return userId !== null && (userId === actor.id || ownPeople(actor).has(userId));
}

function claimed(task: SnapshotTask): Reason {
  const message = `The task ${quote(task.title)} is claimed by somebody else: it is that person's until it is given back, or assigned to you.`;
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

/** Of an open task, or of the one that the move completes: it is the actor's, or waits for him or for somebody in whose place he acts. */
function isCandidate({ openTasks }: Subject, { actor, taskId }: Acting): boolean {
  return openTasks.some(
    (task) =>
      (taskId === undefined || task.id === taskId) && (task.assigneeId === null ? isOffered(task, actor) : holds(actor, task.assigneeId)),
  );
}

function oneOf(what: string, keys: readonly string[]): string {
  return keys.length === 1 ? `the ${what} ${keys[0]}` : `one of the ${what}s ${keys.join(", ")}`;
}
