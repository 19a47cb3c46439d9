/** The statements of steps that wait for a time of the tenant's clock, or for an event. */
import { automation } from "@weft/drizzle";
import { dueRows, type DueTenants, named, type Tx } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";
import type { DueRun } from "./runs.store.js";
import type { StepAttempt } from "./step-report.js";

const { stepWaits } = automation;

export type StepWaitRow = typeof stepWaits.$inferSelect;

type Waiting = StepAttempt & { readonly runId: string };

type Wait = {
  /**
   * Type of the event, or the name under which a workflow emits it; `subject`: ID of what it must be about; `where`: values that its payload must have.
   * Null: only a time.
   */
  readonly event: { readonly name: string; readonly subject: string | null; readonly where: Readonly<Record<string, unknown>> } | null;
  /** By the tenant's clock. */
  readonly until: string | null;
};

/** Records what an attempt waits for. */
export async function beginWait(tx: Tx, { runId, step, attempt, isCompensation }: Waiting, { event, until }: Wait): Promise<void> {
  const conditions = event && { payload: event.where, ...(event.subject !== null && { subject: event.subject }) };
  const wait = { attempt, isCompensation, event: event?.name ?? null, conditions, payload: null, waitUntil: until };
  await named(
    "beginStepWait",
    tx
      .insert(stepWaits)
      .values({ tenantId: sql`app.tenant()`, runId, step, ...wait })
      .onConflictDoUpdate({ target: [stepWaits.tenantId, stepWaits.runId, stepWaits.step], set: wait }),
  );
}

/** Forgets what a step has waited for, and returns it. Null: it had no wait, or that of another attempt. */
export async function endWait(tx: Tx, { runId, step, attempt, isCompensation }: Waiting): Promise<StepWaitRow | null> {
  const [row] = await named(
    "endStepWait",
    tx
      .delete(stepWaits)
      .where(and(eq(stepWaits.tenantId, sql`app.tenant()`), eq(stepWaits.runId, runId), eq(stepWaits.step, step)))
      .returning(),
  );
  return row?.attempt === attempt && row.isCompensation === isCompensation ? row : null;
}

/** Returns the time zone of the tenant. */
export async function readZone(tx: Tx): Promise<string> {
  const [row] = await tx.execute<{ zone: string }>(named("readTimeZone", sql`select app.time_zone() as zone`));
  return row?.zone ?? "UTC";
}

/** An event under a name that steps can wait for. */
export type NamedEvent = {
  readonly name: string;
  /** ID of what it is about. */ readonly subject: string;
  readonly payload: Readonly<Record<string, unknown>>;
};

/** Whether the step `s` still is in the attempt of the wait `w`. */
const isWaiting = sql`s.tenant_id = w.tenant_id and s.run_id = w.run_id and s.step = w.step
  and (case when w.is_compensation then s.compensation = 'RUNNING' and s.compensation_attempt = w.attempt else s.status = 'WAITING' and s.attempt = w.attempt end)`;

/**
 * Gives each step that waits for one of the events the first that fits, once. A worker then looks at it. One statement, without locks of instances and
 * runs: a thousand steps can wait for the same event.
 */
export async function deliverEvents(tx: Tx, events: readonly NamedEvent[]): Promise<number> {
  const rows = await tx.execute(
    named(
      "deliverAwaitedEvents",
      sql`with given as (
        select (g.value ->> 'name') as name, g.value -> 'payload' as payload, g.value as whole, g.ordinality as place
          from jsonb_array_elements(${JSON.stringify(events)}::text::jsonb) with ordinality g
      ), fits as (
        select distinct on (w.run_id, w.step) w.run_id, w.step, w.attempt, g.name, g.payload, g.whole
          from given g join workflows.step_waits w on w.tenant_id = app.tenant() and w.event = g.name and w.payload is null and g.whole @> w.conditions
         order by w.run_id, w.step, g.place
      ), locked as (
        select w.run_id, w.step, f.payload
          from fits f join workflows.step_waits w on w.tenant_id = app.tenant() and w.run_id = f.run_id and w.step = f.step
         where w.attempt = f.attempt and w.event = f.name and w.payload is null and f.whole @> w.conditions
         order by w.run_id, w.step for update of w
      ), delivered as (
        update workflows.step_waits w set payload = l.payload from locked l
         where w.tenant_id = app.tenant() and w.run_id = l.run_id and w.step = l.step
        returning w.*
      )
      update workflows.run_steps s set due_at = clock_timestamp() from delivered w where ${isWaiting} returning s.id`,
    ),
  );
  return rows.length;
}

const waiting = dueRows({ name: "StepWaits", dueAt: stepWaits.waitUntil });

/** Finds tenants in which a step stops waiting, and when the next one does. Runs as weft_worker, across all tenants. */
export const findTenantsWithStepWaits = (tx: Tx, limit: number): Promise<DueTenants> => waiting.find(tx, limit);

/** Returns when the next step stops waiting, by the tenant's clock. */
export const nextStepWait = (tx: Tx): Promise<string | null> => waiting.next(tx);

/**
 * Lets steps whose wait is over be looked at, first those that have waited longest. Takes no lock of an instance or run, which would be in the wrong order
 * here: a look takes them.
 * @returns `ended`: number of waits that are over; `due`: the steps that still wait
 */
export async function endStepWaits(tx: Tx, limit: number): Promise<{ readonly ended: number; readonly due: readonly DueRun[] }> {
  const rows = await tx.execute<{ run_id: string; instance_id: string | null; step: string }>(
    named(
      "endStepWaits",
      sql`with over as (
        select w.run_id, w.step from workflows.step_waits w
         where w.tenant_id = app.tenant() and w.wait_until <= app.weft_now() order by w.wait_until, w.run_id, w.step limit ${limit}::int for update skip locked
      ), ended as (
        update workflows.step_waits w set wait_until = null from over o
         where w.tenant_id = app.tenant() and w.run_id = o.run_id and w.step = o.step
        returning w.*
      ), due as (
        update workflows.run_steps s set due_at = clock_timestamp() from ended w where ${isWaiting} returning s.run_id, s.step
      )
      select e.run_id, e.step, r.instance_id from ended e
        left join due d on d.run_id = e.run_id and d.step = e.step
        left join workflows.runs r on d.run_id is not null and r.tenant_id = app.tenant() and r.id = e.run_id`,
    ),
  );
  const due = rows.flatMap(({ run_id: runId, instance_id: instanceId, step }) =>
    instanceId === null ? [] : [{ runId, instanceId, step }],
  );
  return { ended: rows.length, due };
}
