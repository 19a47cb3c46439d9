/** The statements of external workers: what is offered to them, and the leases that they take. */
import type { automation } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { DueRun } from "./runs.store.js";

export type StepLeaseRow = typeof automation.stepLeases.$inferSelect;

/** Runs whose steps others are taking are passed over, so more is looked at than is taken. */
const SPARE_CANDIDATES = 64;

export type OfferedSteps = {
  readonly steps: readonly DueRun[];
  /** Whether there are others, which another worker was taking at this moment. */
  readonly areOthersTaken: boolean;
};

/**
 * Returns steps that external workers can take, in the order of `findDueRuns`. Of concurrent transactions, each gets steps of other runs. A lock of rows
 * would be taken before that of the instance, so that two transactions could wait for each other; this lock is never waited for.
 */
export async function findOfferedSteps(
  tx: Tx,
  { tasks, limit }: { readonly tasks: readonly string[]; readonly limit: number },
): Promise<OfferedSteps> {
  const candidates = 2 * limit + SPARE_CANDIDATES;
  const [row] = await tx.execute<{ candidates: number; found: { run_id: string; instance_id: string; step: string }[] | null }>(
    named(
      "findOfferedSteps",
      sql`with full_queues as materialized (
          select q.queue from workflows.run_steps q
           where q.tenant_id = app.tenant() and q.queue is not null and q.lease_token is not null
           group by q.queue having count(*) >= min(q.queue_limit)
        ), candidates as materialized (
          select s.run_id, r.instance_id, s.step, s.rank from (
            select o.* from (values (1), (0), (-1)) as p(priority) cross join unnest(${sql.param([...tasks])}::text[]) as t(task) cross join lateral (
              select s.run_id, s.step, s.offered_at - p.priority * interval '1 minute' as rank from workflows.run_steps s
               where s.tenant_id = app.tenant() and s.offered_task = t.task and s.priority = p.priority and s.offered_at <= clock_timestamp()
                 and (s.queue is null or s.queue not in (select f.queue from full_queues f))
               order by s.offered_at limit ${candidates}::int) o
            order by o.rank limit ${candidates}::int) s
            join workflows.runs r on r.tenant_id = app.tenant() and r.id = s.run_id
           order by s.rank
        )
        select (select count(*)::int from candidates) as candidates, (
          select json_agg(f) from (
            select c.run_id, c.instance_id, c.step from candidates c
             where pg_try_advisory_xact_lock(hashtextextended('offered ' || c.run_id::text, 0)) limit ${limit}::int) f) as found`,
    ),
  );
  const found = row?.found ?? [];
  return {
    steps: found.map(({ run_id: runId, instance_id: instanceId, step }) => ({ runId, instanceId, step })),
    areOthersTaken: (row?.candidates ?? 0) > found.length,
  };
}

export type NewStepLease = Pick<StepLeaseRow, "token" | "runId" | "step" | "attempt" | "isCompensation"> & {
  /** Seconds until the attempt has timed out. */
  readonly timeoutSeconds: number;
};

/**
 * Stores leases. Their attempts time out this many seconds from now. What is taken in the transaction of a report has its time, by which
 * `findFollowers` finds it.
 */
export async function insertStepLeases(
  tx: Tx,
  { takenBy, leases }: { readonly takenBy: string; readonly leases: readonly NewStepLease[] },
): Promise<void> {
  await tx.execute(
    named(
      "insertStepLeases",
      sql`insert into workflows.step_leases (tenant_id, token, run_id, step, attempt, is_compensation, taken_by, taken_at, ends_at)
        select app.tenant(), l.token, l."runId", l.step, l.attempt, l."isCompensation", ${takenBy}::uuid, now(),
               clock_timestamp() + make_interval(secs => l."timeoutSeconds")
          from jsonb_to_recordset(${JSON.stringify(leases)}::text::jsonb) as l(
            token uuid, "runId" uuid, step text, attempt integer, "isCompensation" boolean, "timeoutSeconds" integer)`,
    ),
  );
}

export type FoundStepLease = StepLeaseRow & { readonly instanceId: string };

/** Returns leases that the user has taken, by token. Those of others are missing. */
export async function findStepLeases(
  tx: Tx,
  { takenBy, tokens }: { readonly takenBy: string; readonly tokens: readonly string[] },
): Promise<ReadonlyMap<string, FoundStepLease>> {
  const rows = await tx.execute<Record<string, unknown>>(
    named(
      "findStepLeases",
      sql`select l.token, l.run_id as "runId", r.instance_id as "instanceId", l.step, l.attempt, l.is_compensation as "isCompensation", l.result,
               l.log_lines as "logLines"
          from workflows.step_leases l join workflows.runs r on r.tenant_id = l.tenant_id and r.id = l.run_id
         where l.tenant_id = app.tenant() and l.token = any(${sql.param([...tokens])}::uuid[]) and l.taken_by = ${takenBy}::uuid`,
    ),
  );
  return new Map(rows.map((row) => [row["token"] as string, row as FoundStepLease]));
}

/**
 * Returns what the user has taken with successful reports on these leases, and still holds. If such a report was sent more often, what its first call
 * had taken was released and taken again.
 */
export async function findFollowers(
  tx: Tx,
  { takenBy, tokens }: { readonly takenBy: string; readonly tokens: readonly string[] },
): Promise<readonly FoundStepLease[]> {
  const rows = await tx.execute<Record<string, unknown>>(
    named(
      "findFollowers",
      sql`with recursive followed as (
          select l.run_id, l.reported_at, null::uuid as token, true as goes_on
            from workflows.step_leases l
           where l.tenant_id = app.tenant() and l.token = any(${sql.param([...tokens])}::uuid[]) and l.taken_by = ${takenBy}::uuid
             and l.result = 'SUCCEEDED'
          union
          select l.run_id, l.reported_at, l.token, coalesce(l.result = 'RELEASED', false)
            from followed f join workflows.step_leases l on l.tenant_id = app.tenant() and l.run_id = f.run_id
           where f.goes_on and l.taken_by = ${takenBy}::uuid and l.taken_at = f.reported_at
        )
        select l.token, l.run_id as "runId", r.instance_id as "instanceId", l.step, l.attempt, l.is_compensation as "isCompensation", l.result,
               l.log_lines as "logLines"
          from followed f
          join workflows.step_leases l on l.tenant_id = app.tenant() and l.token = f.token
          join workflows.run_steps s on s.tenant_id = l.tenant_id and s.run_id = l.run_id and s.step = l.step and s.lease_token = l.token
          join workflows.runs r on r.tenant_id = l.tenant_id and r.id = l.run_id
         where l.result is null`,
    ),
  );
  return rows.map((row) => row as FoundStepLease);
}

/** Returns whether a step of these tasks, outside of queues, has waited for this long. A priority counts as in `findOfferedSteps`. */
export async function hasWaitingSteps(
  tx: Tx,
  { tasks, seconds }: { readonly tasks: readonly string[]; readonly seconds: number },
): Promise<boolean> {
  const [row] = await tx.execute<{ found: boolean }>(
    named(
      "hasWaitingSteps",
      sql`select exists (
          select 1 from (values (1), (0), (-1)) as p(priority) cross join unnest(${sql.param([...tasks])}::text[]) as t(task)
           where exists (
             select 1 from workflows.run_steps s
              where s.tenant_id = app.tenant() and s.offered_task = t.task and s.priority = p.priority and s.queue is null
                and s.offered_at < clock_timestamp() - make_interval(secs => ${seconds}::int) + p.priority * interval '1 minute')) as found`,
    ),
  );
  return row?.found ?? false;
}

export type StepLeaseResult = "SUCCEEDED" | "FAILED" | "RELEASED";

/** Stores what was recorded of leases, with the change of their steps. */
export async function recordLeaseResults(
  tx: Tx,
  results: readonly { readonly token: string; readonly result: StepLeaseResult }[],
): Promise<void> {
  await tx.execute(
    named(
      "recordLeaseResults",
      sql`update workflows.step_leases l set result = n.result, reported_at = now()
         from jsonb_to_recordset(${JSON.stringify(results)}::text::jsonb) as n(token uuid, result text)
        where l.tenant_id = app.tenant() and l.token = n.token`,
    ),
  );
}

/** Why a worker must stop. `REPORTED`: a result was recorded. `LOST`: the lease was over, or never existed. */
export type LeaseEnd = "REPORTED" | "TIMEOUT" | "CANCELLED" | "LOST";

/** `expiresAt`: when the lease is over now (ISO 8601); `end`: why it was not extended. One of them is null. */
export type ExtendedLease = { readonly token: string; readonly expiresAt: string | null; readonly end: LeaseEnd | null };

/**
 * Extends the leases of a user. Those that were never taken by the user are missing. A step that another transaction is writing is not extended: that
 * transaction can be about to end it, and waiting for several of them in another order could block both.
 */
export async function extendStepLeases(
  tx: Tx,
  { takenBy, tokens, seconds }: { readonly takenBy: string; readonly tokens: readonly string[]; readonly seconds: number },
): Promise<readonly ExtendedLease[]> {
  const rows = await tx.execute<{ token: string; expiresAt: string | null; end: LeaseEnd | null }>(
    named(
      "extendStepLeases",
      sql`with asked as materialized (
          select l.token, l.run_id, l.step, l.ends_at, s.due_at, case
              when l.result is not null then 'REPORTED'
              when s.lease_token is distinct from l.token then 'LOST'
              when l.ends_at <= clock_timestamp() then 'TIMEOUT'
              when r.status not in ('RUNNING', 'PAUSED', 'COMPENSATING') or (r.left_at is not null and r.status <> 'COMPENSATING') then 'CANCELLED'
            end as ending
            from workflows.step_leases l
            join workflows.runs r on r.tenant_id = l.tenant_id and r.id = l.run_id
            join workflows.run_steps s on s.tenant_id = l.tenant_id and s.run_id = l.run_id and s.step = l.step
           where l.tenant_id = app.tenant() and l.token = any(${sql.param([...tokens])}::uuid[]) and l.taken_by = ${takenBy}::uuid
        ), locked as materialized (
          select s.run_id, s.step from workflows.run_steps s join asked a on a.run_id = s.run_id and a.step = s.step and s.lease_token = a.token
           where s.tenant_id = app.tenant() and a.ending is null for update of s skip locked
        ), extended as (
          update workflows.run_steps s set due_at = least(clock_timestamp() + make_interval(secs => ${seconds}::int), a.ends_at)
            from locked k join asked a on a.run_id = k.run_id and a.step = k.step
           where s.tenant_id = app.tenant() and s.run_id = k.run_id and s.step = k.step and s.lease_token = a.token
          returning a.token, s.due_at
        )
        select a.token, a.ending as "end", case when a.ending is null then
               to_char(coalesce(e.due_at, a.due_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end as "expiresAt"
          from asked a left join extended e on e.token = a.token`,
    ),
  );
  return [...rows];
}

/** Counts the lines of the log that a lease has written. Returns their number before; null: the user does not hold the lease. */
export async function countLogLines(
  tx: Tx,
  {
    takenBy,
    token,
    lines,
    from,
  }: { readonly takenBy: string; readonly token: string; readonly lines: number; readonly from: number | null },
): Promise<number | null> {
  const [row] = await tx.execute<{ before: number }>(
    named(
      "countLogLines",
      sql`with held as materialized (
          select l.tenant_id, l.token, l.log_lines from workflows.step_leases l
            join workflows.run_steps s on s.tenant_id = l.tenant_id and s.run_id = l.run_id and s.step = l.step and s.lease_token = l.token
           where l.tenant_id = app.tenant() and l.token = ${token}::uuid and l.taken_by = ${takenBy}::uuid for update of l
        )
        update workflows.step_leases l set log_lines = greatest(h.log_lines, coalesce(${from}::int, h.log_lines) + ${lines}::int) from held h
         where l.tenant_id = h.tenant_id and l.token = h.token returning h.log_lines as before`,
    ),
  );
  return row?.before ?? null;
}
