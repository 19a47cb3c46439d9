import { workflows } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { among, named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { TimerToSet } from "../../core/model/timer.js";

const { timers } = workflows;

export type TimerRow = typeof timers.$inferSelect;

/** How a timer has ended. */
export type TimerEnd = { readonly id: string; readonly status: "FIRED" | "SKIPPED" | "FAILED"; readonly reason: string | null };

const isDue = sql`t.tenant_id = app.tenant() and t.status = 'ARMED' and not t.is_held and t.due_at <= app.weft_now()`;

/** Returns the instances with due timers, longest waiting first. An instance with a parent is the only one in the list, or not in it. */
export async function findDueInstances(tx: Tx, { limit, except }: { limit: number; except: readonly string[] }): Promise<string[]> {
  const rows = await tx.execute<{ id: string; isChild: boolean }>(
    named(
      "findDueInstances",
      sql`with due as materialized (
        select t.instance_id, t.due_at, t.id from workflows.timers t
         where ${isDue} and t.instance_id <> all(${sql.param([...except])}::uuid[])
         order by t.due_at, t.id limit ${limit * 4}::int
      )
      select d.instance_id as id, i.parent_id is not null as "isChild"
        from (select instance_id, min(due_at) as due_at from due group by instance_id) d
        join workflows.instances i on i.tenant_id = app.tenant() and i.id = d.instance_id
       order by d.due_at, d.instance_id limit ${limit}::int`,
    ),
  );
  const [first] = rows;
  if (first?.isChild) return [first.id];
  return rows.filter(({ isChild }) => !isChild).map(({ id }) => id);
}

/**
 * Locks those of the instances that no other transaction has locked, with their ancestors, and returns them. It does not wait, so it cannot deadlock.
 */
export async function lockFreeInstances(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.execute<{ id: string; ancestors: string[] }>(
    named(
      "lockFreeInstances",
      sql`select i.id, i.ancestors from workflows.instances i
       where i.tenant_id = app.tenant() and i.id = any(array(
         select unnest(array_append(o.ancestors, o.id)) from workflows.instances o where o.tenant_id = app.tenant() and ${among(sql`o.id`, ids)}))
       order by cardinality(i.ancestors), i.id for update skip locked`,
    ),
  );
  const locked = new Set(rows.map(({ id }) => id));
  const wanted = new Set(ids);
  return rows.filter(({ id, ancestors }) => wanted.has(id) && ancestors.every((ancestor) => locked.has(ancestor))).map(({ id }) => id);
}

/**
 * Locks the due timers of instances that the transaction has locked, in the order in which they fire. The due time is an expression, so that the planner
 * looks the timers up by their instances: while ten thousand are due, it read them all by their due time, because its statistics knew of none.
 */
export async function lockDueTimers(tx: Tx, instanceIds: readonly string[]): Promise<TimerRow[]> {
  return named(
    "lockDueTimers",
    tx
      .select()
      .from(timers)
      .where(
        sql`${timers.tenantId} = app.tenant() and ${among(timers.instanceId, instanceIds)} and ${timers.status} = 'ARMED' and not ${timers.isHeld}
          and ${timers.dueAt} + interval '0' <= app.weft_now()`,
      )
      .orderBy(timers.dueAt, timers.id)
      .for("update"),
  );
}

/** Records how timers have ended. */
export async function endTimers(tx: Tx, ends: readonly TimerEnd[]): Promise<void> {
  if (ends.length === 0) return;
  await tx.execute(
    named(
      "endTimers",
      sql`update workflows.timers t set status = e.status, reason = coalesce(e.reason, t.reason), ended_at = app.weft_now(), version = t.version + 1
        from jsonb_to_recordset(${JSON.stringify(ends)}::text::jsonb) as e (id uuid, status text, reason text)
       where t.tenant_id = app.tenant() and t.id = e.id and t.status = 'ARMED'`,
    ),
  );
}

/** The due timers of instances that cannot continue wait until the instance is resumed, or its incident is resolved. */
export async function holdTimers(tx: Tx, instanceIds: readonly string[]): Promise<void> {
  if (instanceIds.length === 0) return;
  await tx.execute(
    named("holdTimers", sql`update workflows.timers t set is_held = true where ${isDue} and ${among(sql`t.instance_id`, instanceIds)}`),
  );
}

export type NextTimer = TimerToSet & { readonly instanceId: string; readonly armedAtVersion: number };

/** Sets the next repetitions of timers that change nothing else. */
export async function insertTimers(tx: Tx, tenantId: string, rows: readonly NextTimer[]): Promise<void> {
  if (rows.length === 0) return;
  await named(
    "insertTimers",
    tx.insert(timers).values(
      rows.map(({ instanceId, armedAtVersion, kind, name, state, dueAt, payload, taskId = null }) => {
        return {
          tenantId,
          id: newId(),
          instanceId,
          taskId,
          kind,
          name,
          state,
          dueAt,
          armedAtVersion,
          payload,
          createdAt: sql`app.weft_now()`,
        };
      }),
    ),
  );
}

/** Counts a failed attempt at a timer. Returns the number of attempts. */
export async function countTimerAttempt(tx: Tx, id: string): Promise<number> {
  const [row] = await tx.execute<{ attempts: number }>(
    named(
      "countTimerAttempt",
      sql`update workflows.timers set attempts = attempts + 1 where tenant_id = app.tenant() and id = ${id}::uuid and status = 'ARMED' returning attempts`,
    ),
  );
  return row?.attempts ?? 0;
}

/** Returns the time of the tenant's next timer, whether or not it is due. Null if none is set. */
export async function findNextDueAt(tx: Tx): Promise<string | null> {
  const [row] = await tx.execute<{ next: string | null }>(
    named(
      "findNextDueAt",
      sql`select min(t.due_at) as next from workflows.timers t where t.tenant_id = app.tenant() and t.status = 'ARMED' and not t.is_held`,
    ),
  );
  return row?.next ?? null;
}
