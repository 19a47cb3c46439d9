/** The statements of runs. A run and its steps are changed only under the lock of the run's row, which comes after that of its instance. */
import { automation } from "@weft/drizzle";
import { named, newId, type Tx } from "@weft/shared";
import { and, eq, sql } from "drizzle-orm";
import type { Json, JsonObject } from "../../core/model/json.js";
import type { RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import type { SecurityProfile } from "../../core/model/security-profile.js";

const { runs, runSteps } = automation;

export type RunRow = typeof runs.$inferSelect;
export type RunStepRow = typeof runSteps.$inferSelect;

/** Locks a run, and returns it with the current time. Null: there is none. */
export async function lockRun(tx: Tx, id: string): Promise<{ readonly run: RunRow; readonly now: string } | null> {
  const [row] = await named(
    "lockRun",
    tx
      .select({ run: runs, now: sql<string>`to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` })
      .from(runs)
      .where(and(eq(runs.tenantId, sql`app.tenant()`), eq(runs.id, id)))
      .for("update"),
  );
  return row ?? null;
}

/** Returns the steps of a run that have begun to exist. */
export const findRunSteps = (tx: Tx, runId: string): Promise<RunStepRow[]> =>
  named(
    "findRunSteps",
    tx
      .select()
      .from(runSteps)
      .where(and(eq(runSteps.tenantId, sql`app.tenant()`), eq(runSteps.runId, runId))),
  );

export const snapshotOfStep = (row: RunStepRow): StepSnapshot => ({
  id: row.step,
  status: row.status as StepSnapshot["status"],
  attempt: row.attempt,
  failures: row.failures,
  lost: row.lost,
  outputs: row.outputs as JsonObject | null,
  error: row.error as StepSnapshot["error"],
  notBefore: row.notBefore,
  isFallback: row.isFallback,
  isParked: row.isParked,
  ended: row.ended,
  item: row.item as StepSnapshot["item"],
  compensation: row.compensation as StepSnapshot["compensation"],
  compensationAttempt: row.compensationAttempt,
});

/** What a worker looks at next: when, and with which lease. */
export type Due = { readonly dueAt: string | null; readonly leaseToken: string | null };

export type StepWrite = { readonly step: StepSnapshot } & Due;

export type RunWrite = {
  readonly id: string;
  readonly run: RunSnapshot;
  readonly steps: readonly StepWrite[];
  readonly now: string;
  /** Whether the end of the run has had its effect on its instance. */
  readonly isReceived: boolean;
  /** When the run itself is looked at next. */
  readonly dueAt: string | null;
  /** The security profile with which it begins. Absent: it stays. */
  readonly profile?: SecurityProfile | undefined;
};

/** Writes a run and its changed steps in one statement. */
export async function writeRun(tx: Tx, { id, run, steps, now, isReceived, dueAt, profile }: RunWrite): Promise<void> {
  const isOver = run.status === "SUCCEEDED" || run.status === "FAILED" || run.status === "CANCELED";
  const rows = steps.map(({ step, dueAt, leaseToken }) => ({ ...step, rowId: newId(), dueAt, leaseToken, hasEnded: step.ended !== null }));
  await tx.execute(
    named(
      "writeRun",
      sql`with written as (
        update workflows.runs r set status = ${run.status}, ending = ${asJson(run.ending)}::jsonb, outputs = ${asJson(run.outputs)}::jsonb,
               has_begun = true, is_received = ${isReceived}, due_at = ${dueAt}::timestamptz, version = r.version + 1, finished_at = ${isOver ? now : null}::timestamptz,
               profile = coalesce(${asJson(profile ?? null)}::jsonb, r.profile), secret_inputs = case when ${isOver} then null else r.secret_inputs end
         where r.tenant_id = app.tenant() and r.id = ${id}::uuid
      )
      insert into workflows.run_steps (
        tenant_id, run_id, step, id, status, attempt, failures, lost, outputs, error, not_before, is_fallback, is_parked, ended, item,
        compensation, compensation_attempt, due_at, lease_token, started_at, finished_at)
      select app.tenant(), ${id}::uuid, s.id, s."rowId", s.status, s.attempt, s.failures, s.lost, s.outputs, s.error, s."notBefore",
             s."isFallback", s."isParked", s.ended, s.item, s.compensation, s."compensationAttempt", s."dueAt", s."leaseToken",
             case when s.attempt > 0 then ${now}::timestamptz end, case when s."hasEnded" then ${now}::timestamptz end
        from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as s(
          id text, "rowId" uuid, status text, attempt integer, failures integer, lost integer, outputs jsonb, error jsonb, "notBefore" timestamptz,
          "isFallback" boolean, "isParked" boolean, ended integer, item jsonb, compensation text, "compensationAttempt" integer,
          "dueAt" timestamptz, "leaseToken" uuid, "hasEnded" boolean)
      on conflict on constraint run_steps_pkey do update set
        status = excluded.status, attempt = excluded.attempt, failures = excluded.failures, lost = excluded.lost, outputs = excluded.outputs,
        error = excluded.error, not_before = excluded.not_before, is_fallback = excluded.is_fallback, is_parked = excluded.is_parked,
        ended = excluded.ended, compensation = excluded.compensation, compensation_attempt = excluded.compensation_attempt,
        due_at = excluded.due_at, lease_token = excluded.lease_token, started_at = coalesce(workflows.run_steps.started_at, excluded.started_at),
        finished_at = coalesce(workflows.run_steps.finished_at, excluded.finished_at)`,
    ),
  );
}

/** JSON null would be a value, not the absence of one. */
const asJson = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** Extends the lease of a step's worker. Returns false if the worker must stop: the run stops, or another worker has the step. */
export async function extendLease(tx: Tx, { runId, step, leaseToken, seconds }: Lease & { readonly seconds: number }): Promise<boolean> {
  const rows = await tx.execute(
    named(
      "extendStepLease",
      sql`update workflows.run_steps s set due_at = clock_timestamp() + make_interval(secs => ${seconds}::int)
        from workflows.runs r
       where s.tenant_id = app.tenant() and s.run_id = ${runId}::uuid and s.step = ${step} and s.lease_token = ${leaseToken}::uuid
         and r.tenant_id = s.tenant_id and r.id = s.run_id and r.status in ('RUNNING', 'PAUSED', 'COMPENSATING') and r.due_at is null
      returning s.id`,
    ),
  );
  return rows.length > 0;
}

export type Lease = { readonly runId: string; readonly step: string; readonly leaseToken: string };

/** A run, or one of its steps, that is due now. `step` is null for the run itself. */
export type DueRun = { readonly runId: string; readonly instanceId: string; readonly step: string | null };

/** Returns what is due in the tenant, longest waiting first. */
export async function findDueRuns(tx: Tx, limit: number): Promise<DueRun[]> {
  const rows = await tx.execute<{ run_id: string; instance_id: string; step: string | null }>(
    named(
      "findDueRuns",
      sql`(select r.id as run_id, r.instance_id, null as step, r.due_at from workflows.runs r
            where r.tenant_id = app.tenant() and r.due_at <= clock_timestamp() order by r.due_at limit ${limit}::int)
        union all
        (select s.run_id, r.instance_id, s.step, s.due_at from workflows.run_steps s
           join workflows.runs r on r.tenant_id = s.tenant_id and r.id = s.run_id
          where s.tenant_id = app.tenant() and s.due_at <= clock_timestamp() order by s.due_at limit ${limit}::int)
        order by due_at limit ${limit}::int`,
    ),
  );
  return rows.map(({ run_id: runId, instance_id: instanceId, step }) => ({ runId, instanceId, step }));
}

/** Returns the tenants with due runs, longest waiting first. Runs as weft_worker, across all tenants. */
export async function findTenantsWithDueRuns(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsWithDueRuns",
      sql`with recursive of_runs as (
          (select tenant_id, due_at from workflows.runs where due_at is not null order by tenant_id, due_at limit 1)
          union all
          select n.tenant_id, n.due_at from of_runs o cross join lateral (
            select r.tenant_id, r.due_at from workflows.runs r where r.due_at is not null and r.tenant_id > o.tenant_id order by r.tenant_id, r.due_at limit 1) n
        ), of_steps as (
          (select tenant_id, due_at from workflows.run_steps where due_at is not null order by tenant_id, due_at limit 1)
          union all
          select n.tenant_id, n.due_at from of_steps o cross join lateral (
            select s.tenant_id, s.due_at from workflows.run_steps s where s.due_at is not null and s.tenant_id > o.tenant_id order by s.tenant_id, s.due_at limit 1) n
        )
        select d.tenant_id from (select * from of_runs union all select * from of_steps) d
          join identity.tenants t on t.tenant_id = d.tenant_id and t.status = 'ACTIVE'
         where d.due_at <= clock_timestamp() group by d.tenant_id order by min(d.due_at) limit 1000`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** Values that the core does not know. */
export type RunFacts = { readonly id: string; readonly startedAt: string; readonly ownerId: string | null };

export const factsOf = ({ id, startedAt, ownerId }: RunFacts): Readonly<Record<string, Json>> => ({
  id,
  started_at: startedAt,
  ...(ownerId !== null && { owner_id: ownerId }),
});
