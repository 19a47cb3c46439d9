import { workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { type AnyNewEvent, appendEvents, type WriteMeta } from "@weft/platform/events";
import { eq, sql, and } from "drizzle-orm";
import { machinesOf } from "../definition/machines.js";
import { aboutTask, taskPayload } from "../outcome/events.js";
import { headColumns, taskColumns } from "../model/instance-head.js";
import { peopleOf } from "../model/people.js";

const { instances, tasks } = workflows;

/**
 * Notices the deadlines that have passed, earliest first: marks the tasks, and publishes an event for each. Once for each deadline. While an instance is
 * suspended or has an incident, its tasks wait. Tasks that another transaction has locked are left out.
 * @returns the number of tasks that are marked or wait
 */
export async function noticeOverdueTasks(tx: Tx, meta: WriteMeta, limit: number): Promise<number> {
  const locked = await tx.execute<{ id: string }>(
    named(
      "lockOverdueTasks",
      sql`select t.id from workflows.tasks t where t.tenant_id = app.tenant() and t.due_at <= app.weft_now() and t.overdue_at is null and not t.is_due_held
             and t.status in ('OPEN', 'CLAIMED') order by t.due_at, t.id limit ${limit}::int for update skip locked`,
    ),
  );
  if (locked.length === 0) return 0;
  const ids = locked.map(({ id }) => id);
  const found = await named(
    "selectOverdueTasks",
    tx
      .select({ task: taskColumns, instance: headColumns })
      .from(tasks)
      .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
      .where(among(tasks.id, ids))
      .orderBy(tasks.dueAt, tasks.id),
  );
  const running = found.filter(({ instance }) => instance.status === "RUNNING");
  const marks = found.map(({ task, instance }) => ({ id: task.id, isOverdue: instance.status === "RUNNING" }));
  await tx.execute(
    named(
      "markOverdueTasks",
      sql`update workflows.tasks t set overdue_at = case when m."isOverdue" then app.weft_now() end, is_due_held = not m."isOverdue"
        from jsonb_to_recordset(${JSON.stringify(marks)}::text::jsonb) as m (id uuid, "isOverdue" boolean)
       where t.tenant_id = app.tenant() and t.id = m.id`,
    ),
  );
  const machines = await machinesOf(tx, meta.tenantId, [...new Set(running.map(({ instance }) => instance.definitionId))]);
  await appendEvents(
    tx,
    meta,
    running.map(({ task, instance }): AnyNewEvent => {
      const notify = machines.get(instance.definitionId)?.tasks.get(task.rule)?.overdue ?? ["assignee", "candidates"];
      const facts = { ...task, status: task.status as "OPEN" | "CLAIMED" };
      return {
        type: "task.overdue",
        ...aboutTask(instance, task.id, task.version),
        payload: {
          ...taskPayload(instance, facts),
          dueAt: task.dueAt ?? "",
          notified: peopleOf(notify, instance, [facts]),
        },
      };
    }),
  );
  return found.length;
}

/** Returns the time of the tenant's next deadline that has not been noticed. Null if there is none. */
export async function findNextDeadline(tx: Tx): Promise<string | null> {
  const [row] = await named(
    "findNextDeadline",
    tx
      .select({ next: sql<string | null>`min(${tasks.dueAt})` })
      .from(tasks)
      .where(
        sql`${tasks.tenantId} = app.tenant() and ${tasks.dueAt} is not null and ${tasks.overdueAt} is null and not ${tasks.isDueHeld} and ${tasks.status} in ('OPEN', 'CLAIMED')`,
      ),
  );
  return row?.next ?? null;
}
