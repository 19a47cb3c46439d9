/** The statements of steps that wait for a time of the tenant's clock, or for an event. */
import { automation, type workflows } from "@weft/drizzle";
import { dueRows, named, type DueTenants, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { DueRun } from "./runs.store.js";
import type { StepAttempt } from "./step-report.js";

const { runSteps } = automation;

export type AwaitedEvent = automation.AwaitedEvent;
export type StepTask = workflows.StepTask;

/** The tenant's time (ISO 8601) and time zone. */
export async function readTenantClock(tx: Tx): Promise<{ readonly now: string; readonly zone: string }> {
  const [row] = await tx.execute<{ now: string; zone: string }>(
    named(
      "readTenantClock",
      sql`select to_char(app.weft_now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now, app.time_zone() as zone`,
    ),
  );
  if (!row) throw new Error("a statement without FROM returned no row");
  return row;
}

type Wait = { readonly runId: string; readonly step: string; readonly awaits: AwaitedEvent | null; readonly waitUntil: string | null };

/** Records what a step waits for. Nulls: it no longer waits. */
export async function writeWait(tx: Tx, { runId, step, awaits, waitUntil }: Wait): Promise<void> {
  await tx.execute(
    named(
      "writeStepWait",
      sql`update workflows.run_steps s set awaits = ${awaits && JSON.stringify(awaits)}::text::jsonb, wait_until = ${waitUntil}::timestamptz
       where s.tenant_id = app.tenant() and s.run_id = ${runId}::uuid and s.step = ${step}`,
    ),
  );
}

export const isOfAttempt = (awaits: AwaitedEvent | null | undefined, { attempt, isCompensation }: StepAttempt): awaits is AwaitedEvent =>
  awaits?.attempt === attempt && awaits.isCompensation === isCompensation;

/** An event under a name that steps can wait for. */
export type NamedEvent = { readonly name: string; readonly payload: Readonly<Record<string, unknown>> };

/**
 * Gives each step that waits for one of the events the first that fits, once. A worker then looks at it. One statement, without locks of instances and
 * runs: a thousand steps can wait for the same event.
 */
export async function deliverEvents(tx: Tx, events: readonly NamedEvent[]): Promise<number> {
  const rows = await tx.execute(
    named(
      "deliverAwaitedEvents",
      sql`with given as (
        select (g.value ->> 'name') as name, g.value -> 'payload' as payload, g.ordinality as place
          from jsonb_array_elements(${JSON.stringify(events)}::text::jsonb) with ordinality g
      ), fits as (
        select distinct on (s.run_id, s.step) s.run_id, s.step, g.name, g.payload
          from given g join workflows.run_steps s on s.tenant_id = app.tenant() and s.awaits is not null and s.awaits ->> 'event' = g.name
           and s.awaits -> 'payload' is null and g.payload @> (s.awaits -> 'where')
         order by s.run_id, s.step, g.place
      ), locked as (
        select s.run_id, s.step, f.name, f.payload from fits f join workflows.run_steps s on s.tenant_id = app.tenant() and s.run_id = f.run_id and s.step = f.step
         order by s.run_id, s.step for update of s
      )
      update workflows.run_steps s set awaits = s.awaits || jsonb_build_object('payload', l.payload), due_at = clock_timestamp()
        from locked l
       where s.tenant_id = app.tenant() and s.run_id = l.run_id and s.step = l.step
         and s.awaits ->> 'event' = l.name and s.awaits -> 'payload' is null and l.payload @> (s.awaits -> 'where')
      returning s.id`,
    ),
  );
  return rows.length;
}

const waiting = dueRows({ name: "StepWaits", dueAt: runSteps.waitUntil });

/** Finds tenants in which a step stops waiting, and when the next one does. Runs as weft_worker, across all tenants. */
export const findTenantsWithStepWaits = (tx: Tx, limit: number): Promise<DueTenants> => waiting.find(tx, limit);

/** Returns when the next step stops waiting, by the tenant's clock. */
export const nextStepWait = (tx: Tx): Promise<string | null> => waiting.next(tx);

/**
 * Lets steps whose wait is over be looked at, first those that have waited longest. Takes no lock of an instance or run, which would be in the wrong order
 * here: a look takes them.
 */
export async function endStepWaits(tx: Tx, limit: number): Promise<readonly DueRun[]> {
  const rows = await tx.execute<{ run_id: string; instance_id: string; step: string }>(
    named(
      "endStepWaits",
      sql`with over as (
        select s.run_id, s.step from workflows.run_steps s
         where s.tenant_id = app.tenant() and s.wait_until <= app.weft_now() order by s.wait_until, s.run_id, s.step limit ${limit}::int for update skip locked
      )
      update workflows.run_steps s set wait_until = null, due_at = clock_timestamp() from over o, workflows.runs r
       where s.tenant_id = app.tenant() and s.run_id = o.run_id and s.step = o.step and r.tenant_id = s.tenant_id and r.id = s.run_id
      returning s.run_id, r.instance_id, s.step`,
    ),
  );
  return rows.map((row) => ({ runId: row.run_id, instanceId: row.instance_id, step: row.step }));
}
