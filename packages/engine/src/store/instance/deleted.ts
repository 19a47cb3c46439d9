/** Marks instances as deleted together with the object that they belong to. The policies `shown` hide what is marked. */
import { named, type Tx } from "@weft/platform/db";
import { type SQL, sql } from "drizzle-orm";

export interface InstanceBelow {
  /** UUID */
  readonly id: string;
  readonly hasEnded: boolean;
}

/** Returns the instances that these instances started, and those below them. Needs `showDeleted` if they are deleted. */
export async function findInstancesBelow(tx: Tx, instanceIds: readonly string[]): Promise<InstanceBelow[]> {
  const rows = await tx.execute<{ id: string; hasEnded: boolean }>(
    named(
      "findInstancesBelow",
      sql`with recursive below (id, has_ended) as (
        select i.id, i.finished_at is not null from workflows.instances i
         where i.tenant_id = app.tenant() and i.parent_id = any(${sql.param([...instanceIds])}::uuid[])
        union all
        select i.id, i.finished_at is not null from below b join workflows.instances i on i.tenant_id = app.tenant() and i.parent_id = b.id
      ) select id, has_ended as "hasEnded" from below`,
    ),
  );
  return [...rows];
}

interface Marking {
  readonly instanceIds: readonly string[];
  /** Statement that returns the UUIDs of the objects that notifications can be about, in addition to the instances and their tasks. */
  readonly subjects: SQL;
  readonly isDeleted: boolean;
}

/** Marks instances, their tasks, and the notifications about these and the further subjects. Holds their timers. Call `showDeleted` before. */
export async function markInstancesDeleted(tx: Tx, { instanceIds, subjects, isDeleted }: Marking): Promise<void> {
  const ids = sql`${sql.param([...instanceIds])}::uuid[]`;
  await tx.execute(
    named(
      "markInstancesDeleted",
      sql`with marked_instances as (
        update workflows.instances i set is_deleted = ${isDeleted} where i.tenant_id = app.tenant() and i.id = any(${ids})
        returning i.id
      ), marked_tasks as (
        update workflows.tasks t set is_deleted = ${isDeleted} where t.tenant_id = app.tenant() and t.instance_id = any(${ids})
        returning t.id
      ), held_timers as (
        -- Those of closed instances: they fire only if the instance is restored.
        update workflows.timers t set is_held = ${isDeleted} where t.tenant_id = app.tenant() and t.instance_id = any(${ids}) and t.status = 'ARMED'
      ) update audit.notifications n set is_deleted = ${isDeleted} where n.tenant_id = app.tenant() and n.subject_id in (
        ${subjects} union all select id from marked_instances union all select id from marked_tasks)`,
    ),
  );
}
