/** Who may fire: one evaluation of `allow`, that says every rule which was not met. */
import type { Allow, Transition } from "./machine.js";
import { quote } from "./problems.js";
import type { Actor, Reason, Snapshot, SnapshotTask } from "./types.js";

type Subject = Pick<Snapshot, "ownerId" | "assignee">;

/** Empty: the actor may. */
export function allowReasons(allow: Allow | null, subject: Subject, actor: Actor): Reason[] {
  if (!allow) return [];
  const alternatives = [
    ...(allow.owner ? [reasonUnless(isOwner(subject, actor), "owner", "Only the owner may do this.")] : []),
    ...(allow.assignee ? [reasonUnless(isAssignee(subject, actor), "assignee", "Only the assignee may do this.")] : []),
    ...(allow.roles.length > 0
      ? [
          reasonUnless(
            allow.roles.some((role) => actor.roles.includes(role)),
            "role",
            `This needs ${oneOf("role", allow.roles)}.`,
          ),
        ]
      : []),
    ...(allow.permissions.length > 0
      ? [
          reasonUnless(
            allow.permissions.some((key) => actor.permissions.includes(key)),
            "permission",
            `This needs ${oneOf("permission", allow.permissions)}.`,
          ),
        ]
      : []),
    ...allow.any.map((block) => allowReasons(block, subject, actor)),
  ];
  const isMet = alternatives.length === 0 || alternatives.some((reasons) => reasons.length === 0);
  return [
    ...(isMet ? [] : alternatives.flat()),
    ...allow.all.flatMap((block) => allowReasons(block, subject, actor)),
    ...allow.notSameAs.flatMap((who) => {
      const isSame = who === "owner" ? isOwner(subject, actor) : isAssignee(subject, actor);
      return reasonUnless(!isSame, "notSameAs", `The ${who} may not do this: it needs somebody else.`);
    }),
  ];
}

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

/** The task counts as the actor's own, also when acting for the one who claimed it. */
export function holds(actor: Actor, userId: string | null): boolean {
  return userId !== null && (userId === actor.id || userId === actor.onBehalfOf);
}

function claimed(task: SnapshotTask): Reason {
  return { rule: "claimed", message: `The task ${quote(task.title)} is claimed by somebody else.` };
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

function reasonUnless(isMet: boolean, rule: Reason["rule"], message: string): Reason[] {
  return isMet ? [] : [{ rule, message }];
}

function oneOf(what: string, keys: readonly string[]): string {
  return keys.length === 1 ? `the ${what} ${keys[0]}` : `one of the ${what}s ${keys.join(", ")}`;
}
