/** Does what a level of an escalation says, in the transaction of the caller, under the lock of the instance. */
import type { escalations } from "@weft/drizzle";
import { ServiceUnavailable, WeftError } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import { isRetryable, mapDatabaseError, type Tx } from "@weft/platform/db";
import { leadsOfTeam } from "@weft/platform/directory";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { NO_LEAD, NO_OPEN_TASK, noRule } from "../../core/automatic/escalate.js";
import { evaluateOperand } from "../../core/conditions/evaluate.js";
import type { EscalationLevel, EscalationNotify, Reassignment } from "../../core/model/escalation.js";
import type { Json } from "../../core/model/json.js";
import type { Machine } from "../../core/model/machine.js";
import { TASK_PRIORITIES, type TaskPriority } from "../../core/model/priority.js";
import { reasonText } from "../../core/model/rejection.js";
import { systemContextOf } from "../../core/timers/system-context.js";
import { startInstance } from "../instance/start.js";
import { ledTeamsOf, nobody, peopleOf, unique, type People } from "../model/people.js";
import { snapshotOf, type InstanceRead } from "../model/snapshot.js";
import { aboutTask, taskPayload } from "../outcome/events.js";
import { routeTask } from "../routing/route.js";
import { lockOpenTasks, updateTask, type EscalatedTask, type TaskEscalation } from "./levels.store.js";

export type Done = escalations.EscalationActionRow;

/** What a level acts on: the instance, and those of its open tasks that it concerns. */
export type Concerned = {
  readonly tx: Tx;
  readonly meta: WriteMeta;
  readonly machine: Machine;
  readonly read: InstanceRead;
  readonly taskIds: readonly string[];
};

const nothing = { reason: null, taskId: null, from: null, to: null, userIds: [], teamIds: [], roles: [], instanceId: null };

export const doneAs = (kind: Done["kind"], facts: Partial<Done>): Done => ({ ...nothing, kind, ...facts });

/** Gives the open tasks to others, whoever has claimed them. */
export async function reassign(concerned: Concerned, to: Reassignment): Promise<Done[]> {
  const { tx, read, taskIds } = concerned;
  const tasks = await lockOpenTasks(tx, taskIds);
  if (tasks.length === 0) return [doneAs("REASSIGN", { reason: NO_OPEN_TASK })];
  const done: Done[] = [];
  for (const task of tasks) {
    const found = await whoGets(concerned, to, task);
    if ("reason" in found) {
      done.push(doneAs("REASSIGN", { taskId: task.id, reason: found.reason }));
      continue;
    }
    const { users, teams, roles, userId } = found;
    const after = await changeTask(concerned, task, {
      candidateUserIds: [...users],
      candidateTeamIds: [...teams],
      candidateRoles: [...roles],
      candidateVendorIds: [],
      delegatedFrom: [],
      assigneeId: userId,
      status: userId === null ? "OPEN" : "CLAIMED",
      claimedAt: userId === null ? null : read.now,
    });
    done.push(
      doneAs("REASSIGN", {
        taskId: task.id,
        from: holdersOf(task),
        to: holdersOf(after),
        userIds: userId === null ? [...users] : [userId],
        teamIds: [...teams],
        roles: [...roles],
      }),
    );
  }
  return done;
}

type Found = {
  readonly users: readonly string[];
  readonly teams: readonly string[];
  readonly roles: readonly string[];
  readonly userId: string | null;
};

async function whoGets({ tx, read }: Concerned, to: Reassignment, task: EscalatedTask): Promise<Found | { readonly reason: string }> {
  const { head, now } = read;
  switch (to.kind) {
    case "roles":
      return { users: [], teams: [], roles: to.roles, userId: null };
    case "lead": {
      const users = await leadsOfTeam(tx, ledTeamsOf(head));
      const [only = null, ...others] = users;
      if (only === null) return { reason: NO_LEAD };
      return { users, teams: [], roles: [], userId: others.length === 0 ? only : null };
    }
    case "route": {
      const { rule, candidates, userId } = await routeTask(tx, head, { route: to.route, task, now });
      return rule ? { ...candidates, userId } : { reason: noRule(to.route) };
    }
    default:
      return to satisfies never;
  }
}

/** Who has a task, or to whom it is offered, for the record. */
function holdersOf({ assigneeId, candidateUserIds, candidateTeamIds, candidateVendorIds, candidateRoles }: EscalatedTask): string {
  if (assigneeId !== null) return `user:${assigneeId}`;
  const all = [
    ...candidateRoles.map((key) => `role:${key}`),
    ...candidateUserIds.map((id) => `user:${id}`),
    ...candidateTeamIds.map((id) => `team:${id}`),
    ...candidateVendorIds.map((id) => `vendor:${id}`),
  ];
  return all.join(" ") || "nobody";
}

/** Raises the priority of the open tasks to at least this one. A higher one stays. */
export async function raisePriority(concerned: Concerned, priority: TaskPriority): Promise<Done[]> {
  const tasks = await lockOpenTasks(concerned.tx, concerned.taskIds);
  if (tasks.length === 0) return [doneAs("PRIORITY", { reason: NO_OPEN_TASK })];
  const lowest = TASK_PRIORITIES.indexOf(priority);
  const done: Done[] = [];
  for (const task of tasks) {
    const from = TASK_PRIORITIES[task.priority] ?? null;
    if (task.priority < lowest) await changeTask(concerned, task, { priority: lowest });
    done.push(doneAs("PRIORITY", { taskId: task.id, from, to: task.priority < lowest ? priority : from }));
  }
  return done;
}

async function changeTask({ tx, meta, read }: Concerned, before: EscalatedTask, set: Partial<TaskEscalation>): Promise<EscalatedTask> {
  const after = await updateTask(tx, before.id, set);
  const payload = taskPayload(read.head, { ...after, status: after.status as "OPEN" | "CLAIMED" });
  const type = set.priority === undefined ? "task.assigned" : "task.updated";
  await appendEvents(tx, meta, [{ type, ...aboutTask(read.head, after.id, after.version), payload }]);
  await writeAudit(tx, meta, [{ action: "task.escalate", entityType: "task", entityId: after.id, before, after }]);
  return after;
}

/** Returns who is notified: those whom the level names, as they are now, and those to whom it has offered tasks. */
export async function notifiedBy(
  { tx, read, taskIds }: Concerned,
  notify: EscalationNotify | null,
  others: readonly Done[],
): Promise<People> {
  const tasks = read.openTasks.filter(({ id }) => taskIds.includes(id));
  const found = notify ? peopleOf(notify.recipients, read.head, tasks) : nobody;
  const offered = others.filter(({ kind, reason }) => kind === "REASSIGN" && reason === null);
  const leads = await leadsOfTeam(tx, found.ledTeamIds);
  return {
    userIds: unique([...found.userIds, ...leads, ...(notify?.users ?? []), ...offered.flatMap(({ userIds }) => userIds)]),
    roles: unique([...found.roles, ...(notify?.roles ?? []), ...offered.flatMap(({ roles }) => roles)]),
    teamIds: unique([...found.teamIds, ...(notify?.teams ?? []), ...offered.flatMap(({ teamIds }) => teamIds)]),
    vendorIds: found.vendorIds,
    ledTeamIds: [],
  };
}

/** Starts a workflow in a savepoint: if that is not possible, the level records why. */
export async function startWorkflow({ tx, meta, machine, read }: Concerned, start: NonNullable<EscalationLevel["start"]>): Promise<Done> {
  const { head, now } = read;
  const snapshot = snapshotOf(head, []);
  const context = systemContextOf(machine, snapshot, now);
  const values = start.data.map(([name, operand]) => [name, evaluateOperand(operand, context)] as const);
  const data = Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Record<string, Json>;
  try {
    const started = await tx.transaction((inner) =>
      startInstance(inner, meta, { definitionKey: start.definition, data, ownerId: head.ownerId, teamId: head.teamId }),
    );
    return doneAs("START", { to: start.definition, instanceId: started.id });
  } catch (thrown) {
    const error = mapDatabaseError(thrown);
    if (!(error instanceof WeftError) || error instanceof ServiceUnavailable || isRetryable(thrown)) throw thrown;
    return doneAs("START", { to: start.definition, reason: reasonText([error.message]) });
  }
}
