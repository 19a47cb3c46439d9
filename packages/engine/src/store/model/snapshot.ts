/**
 * Model: reads an instance, its open tasks and the time of the database in one statement, so that they belong to one moment.
 * The module also translates between rows, viewers and the types of the core.
 * It never decides whether a transition is allowed, and never reads what the actor cannot see.
 */
import { visibleInstances } from "@weft/platform/rights";
import { workflows } from "@weft/drizzle";
import { NotFound } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { among, named, type Tx } from "@weft/platform/db";
import { and, desc, eq, sql, type SQL } from "drizzle-orm";
import type { InstanceStatus, Snapshot, SnapshotTask } from "../../core/model/snapshot.js";
import type { ViewerActor } from "./actor.js";
import { headColumns, type InstanceHead } from "./instance-head.js";
import { principalOf } from "./principal.js";

const { history, instances } = workflows;

/** An open task with the version that was read: closing it checks that nobody has claimed it in the meantime. */
export type OpenTask = SnapshotTask & {
  readonly version: number;
  readonly candidateRoles: readonly string[];
  readonly candidateUserIds: readonly string[];
  readonly candidateTeamIds: readonly string[];
  readonly candidateVendorIds: readonly string[];
};

export type InstanceRead = {
  readonly head: InstanceHead;
  readonly openTasks: readonly OpenTask[];
  readonly now: string;
  /** The reason for the suspension; read only if it is SUSPENDED. */
  readonly suspension?: string | null;
  /** Whether it is suspended only because the instance whose step waits for it is; read only if it is SUSPENDED. */
  readonly isSuspendedWithParent?: boolean;
};

/** The tenant's time as ISO 8601 with microseconds, as the core takes it and as every row of a write contains it. */
export const weftNow: SQL<string> = sql<string>`app.weft_now()`;

// A transaction that waited for a lock began before the one it waited for, but its write comes later.
const transitionTime = sql<string>`greatest(${weftNow}, ${instances.updatedAt})`;

/** SQL of an `OpenTask` from the row `t`. */
const taskObject = sql.raw(`jsonb_build_object('id', t.id, 'rule', t.rule, 'state', t.state, 'title', t.title, 'version', t.version,
    'assigneeId', t.assignee_id, 'candidateRoles', t.candidate_roles, 'candidateUserIds', t.candidate_user_ids, 'candidateTeamIds', t.candidate_team_ids,
    'candidateVendorIds', t.candidate_vendor_ids, 'copy', t.copy, 'delegatedFrom', t.delegated_from, 'isQuestioned', t.question_id is not null, 'step', t.step,
    'unticked', case t.checklist when '[]' then 0 else jsonb_array_length(jsonb_path_query_array(t.checklist, '$[*] ? (@.done == false)')) end)`);

/**
 * Selects the open tasks of an instance. The order is that of the index `tasks_open_key`, so that the planner prefers this index. Without statistics (on
 * a new installation, or in a plan from when the table was empty), every index that begins with the tenant is as good for it, and the statement would
 * read all open tasks of the tenant.
 */
const openTasksWith = (instanceId: SQL): SQL => sql`select * from workflows.tasks t
  where t.tenant_id = app.tenant() and t.instance_id = ${instanceId} and t.status in ('OPEN', 'CLAIMED')
  order by t.state, t.rule, t.copy`;

// Written out: in a selection from one table, drizzle omits the table name, and `id` would then be the task's.
const openTasksOf = sql<OpenTask[]>`(
  select coalesce(jsonb_agg(${taskObject} order by t.id), '[]'::jsonb) from (${openTasksWith(sql`instances.id`)}) t)`;

export type ReadOptions = {
  /** Whose scopes apply. Absent: the caller has found the instance itself under the permission of its own operation. */
  readonly actor?: ViewerActor | undefined;
  readonly permission: Permission;
  /** Waits for concurrent writes of the instance instead of failing. For jobs; users should get CONFLICT. */
  readonly lockRead?: boolean | undefined;
};

/** Returns the current instance. NOT_FOUND if the actor can see none under `permission`. */
export async function readInstance(tx: Tx, id: string, { actor, permission, lockRead }: ReadOptions): Promise<InstanceRead> {
  // The lock has its own statement: one that waited would return the new row, but the tasks of the time before it waited.
  if (lockRead) await lockInstance(tx, id);
  const read = await findInstance(tx, and(eq(instances.id, id), actor && visibleInstances(actor.viewer, permission, instances)));
  if (!read) throw new NotFound("WorkflowInstance", encodeId("instance", id));
  return read;
}

/** Includes its ancestors, root first: if the instance ends, they are written too. */
export async function lockInstance(tx: Tx, id: string): Promise<void> {
  const statement = sql`select i.id from workflows.instances i
    where i.tenant_id = app.tenant() and i.id = any(array_append((select o.ancestors from workflows.instances o where o.tenant_id = app.tenant() and o.id = ${id}::uuid), ${id}::uuid))
    order by cardinality(i.ancestors) for update`;
  await tx.execute(named("lockInstance", statement));
}

/** Returns the single instance that the condition selects, with its open tasks and the time. */
export async function findInstance(tx: Tx, where: SQL | undefined): Promise<InstanceRead | null> {
  const [row] = await named(
    "findInstance",
    tx.select({ head: headColumns, openTasks: openTasksOf, now: transitionTime }).from(instances).where(where),
  );
  if (!row || row.head.status !== "SUSPENDED") return row ?? null;
  const { reason, isWithParent } = await findSuspension(tx, row.head.id);
  return { ...row, suspension: reason, isSuspendedWithParent: isWithParent };
}

/** Returns many instances as `findInstance` does, with one statement and without the reasons for suspensions. */
export function findInstances(tx: Tx, ids: readonly string[]): Promise<InstanceRead[]> {
  return named(
    "findInstances",
    tx.select({ head: headColumns, openTasks: openTasksOf, now: transitionTime }).from(instances).where(among(instances.id, ids)),
  );
}

/** Why a SUSPENDED instance is suspended. */
export type Suspension = { readonly reason: string | null; readonly isWithParent: boolean };

/** Returns why a SUSPENDED instance is suspended, from the history. Nobody suspends an instance but users, and its parent, automatically. */
export async function findSuspension(tx: Tx, instanceId: string): Promise<Suspension> {
  const [held] = await named(
    "findSuspension",
    tx
      .select({ reason: history.comment, isWithParent: history.isAutomatic })
      .from(history)
      .where(and(eq(history.instanceId, instanceId), eq(history.kind, "SUSPENSION")))
      .orderBy(desc(history.version))
      .limit(1),
  );
  return held ?? { reason: null, isWithParent: false };
}

/** Returns the open tasks of many instances, by instance ID, and the database's time, with one statement. */
export async function readOpenTasks(
  tx: Tx,
  instanceIds: readonly string[],
): Promise<{ now: string; tasks: Map<string, readonly OpenTask[]> }> {
  const [row] = await tx.execute<{ now: string; tasks: (OpenTask & { instanceId: string })[] }>(
    named(
      "readOpenTasks",
      sql`select ${weftNow} as now, coalesce((
      select jsonb_agg(jsonb_build_object('instanceId', t.instance_id) || ${taskObject} order by t.id)
      from workflows.tasks t
      where ${among(sql`t.instance_id`, instanceIds)} and t.status in ('OPEN', 'CLAIMED')), '[]'::jsonb) as tasks`,
    ),
  );
  if (!row) throw new Error("a statement without FROM returned no row");
  const byInstance = new Map<string, OpenTask[]>();
  for (const { instanceId, ...task } of row.tasks) byInstance.set(instanceId, [...(byInstance.get(instanceId) ?? []), task]);
  return { now: row.now, tasks: byInstance };
}

/** Returns the row and its tasks as a snapshot for the core. */
export function snapshotOf(head: InstanceHead, openTasks: readonly SnapshotTask[], suspension?: string | null): Snapshot {
  return {
    state: head.state,
    status: head.status as InstanceStatus,
    data: head.data as Snapshot["data"],
    version: head.version,
    ownerId: head.ownerId,
    teamId: head.teamId,
    assignee: principalOf(head),
    requestType: head.requestType,
    subjectType: head.subjectType,
    openTasks,
    doneBy: head.doneBy,
    suspension,
  };
}
