/** The statements of runs. A run and its steps are changed only under the lock of the run's row, which comes after that of its instance. */
import { automation } from "@weft/drizzle";
import { encodeId, newId } from "@weft/shared/ids";
import { afterCommit, executeLast, type Executes, named, type Tx } from "@weft/platform/db";
import { noteDueRuns } from "@weft/platform/events";
import { and, eq, sql } from "drizzle-orm";
import type { Step } from "../../core/model/automation.js";
import type { Json, JsonObject } from "../../core/model/json.js";
import type { RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import type { SecurityProfile } from "../../core/model/security-profile.js";
import { instanceReadOf, type FoundInstance } from "../model/found-instance.js";
import { inUtc } from "../model/in-utc.js";
import type { InstanceRead } from "../model/snapshot.js";
import { batchOf, type BatchWrite } from "../outcome/write-batch.js";
import type { AttemptFigures, PastAttempt } from "./attempts.js";
import type { StepUsage } from "./step-report.js";

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

/** A locked run, with the event with which the instance entered its state. Its own causes follow from it, so a loop of triggers and runs is noticed. */
export type LockedRun = Pick<
  RunRow,
  | "id"
  | "instanceId"
  | "definitionId"
  | "state"
  | "instanceVersion"
  | "status"
  | "ending"
  | "inputs"
  | "outputs"
  | "hasBegun"
  | "isReceived"
  | "dueAt"
  | "version"
  | "createdAt"
  | "finishedAt"
  | "leftAt"
  | "isWatched"
  | "secretInputs"
  | "profile"
  | "isSuspended"
> & { readonly causeId: string | null };

/** A step as decisions read it: without what is only shown. */
export type StepState = Pick<
  RunStepRow,
  | "step"
  | "status"
  | "attempt"
  | "failures"
  | "lost"
  | "outputs"
  | "error"
  | "notBefore"
  | "isFallback"
  | "isParked"
  | "ended"
  | "item"
  | "compensation"
  | "compensationAttempt"
>;

/** A step of a locked run. */
export type LockedStep = StepState & Pick<RunStepRow, "runId" | "dueAt" | "leaseToken" | "attemptStartedAt" | "usage">;

/** Runs that the transaction has locked, with what their next events are decided on. */
export type LockedRuns = {
  readonly now: string;
  /** Whether the tenant is active. The steps of a suspended one do not begin. */
  readonly isActive: boolean;
  readonly instances: ReadonlyMap<string, InstanceRead>;
  readonly runs: readonly LockedRun[];
  readonly stepsOf: ReadonlyMap<string, readonly LockedStep[]>;
};

type FoundRuns = {
  readonly now: string;
  readonly isActive: boolean;
  readonly instances: readonly FoundInstance[];
  readonly runs: readonly Record<string, unknown>[];
  readonly steps: readonly Record<string, unknown>[];
};

/**
 * Locks runs after their instances and reads them, in one statement. With `skipLocked`, runs that another transaction has locked, and those of child
 * instances, are missing.
 */
export async function lockRuns(tx: Tx, ids: readonly string[], { skipLocked }: { readonly skipLocked: boolean }): Promise<LockedRuns> {
  const [row] = await tx.execute<{ found: FoundRuns }>(
    named("lockRuns", sql`select engine.lock_runs(${sql.param(ids)}::uuid[], ${!skipLocked}) as found`),
  );
  if (!row) throw new Error("engine.lock_runs returned no row");
  const { now, isActive, instances, runs: foundRuns, steps } = row.found;
  return {
    now,
    isActive,
    instances: new Map(instances.map((one) => [one.id, instanceReadOf(one)])),
    runs: foundRuns.map((one) => rowOf(one) as LockedRun),
    stepsOf: Map.groupBy(
      steps.map((one) => rowOf(one) as LockedStep),
      ({ runId }) => runId,
    ),
  };
}

const TIMES: ReadonlySet<string> = new Set([
  "dueAt",
  "notBefore",
  "startedAt",
  "finishedAt",
  "createdAt",
  "attemptStartedAt",
  "leftAt",
  "beganAt",
]);

/** By column. Computed once: a transaction reads thousands of them. */
const names = new Map<string, string>();

function nameOf(column: string): string {
  const known = names.get(column);
  if (known !== undefined) return known;
  const name = column.replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
  names.set(column, name);
  return name;
}

/** Returns a row of JSON, whose members are columns, as drizzle returns it. */
function rowOf(json: Record<string, unknown>): unknown {
  const row: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(json)) {
    const name = nameOf(column);
    row[name] = TIMES.has(name) && typeof value === "string" ? inUtc(value) : value;
  }
  return row;
}

export const snapshotOfStep = (row: StepState): StepSnapshot => ({
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

/** When a worker continues a step, and with which lease. */
export type Due = { readonly dueAt: string | null; readonly leaseToken: string | null };

export type StepWrite = { readonly step: StepSnapshot } & Due &
  AttemptFigures &
  Pick<Step, "queue" | "priority"> & {
    /** The task under which external workers can take it from `dueAt` on. Null: workers of Weft look at it then. */
    readonly offeredTask: string | null;
  };

export type RunWrite = {
  readonly id: string;
  /** Version on which the write is based, and its own. */
  readonly base: number;
  readonly version: number;
  readonly run: RunSnapshot;
  readonly steps: readonly StepWrite[];
  readonly now: string;
  /** Whether the end of the run has had its effect on its instance. */
  readonly isReceived: boolean;
  /** When the run itself is looked at next. */
  readonly dueAt: string | null;
  /** Number of attempts that begin. */
  readonly attempts: number;
  readonly past: readonly PastAttempt[];
  /** What all attempts have used that have reported something. */
  readonly usage: StepUsage;
  /** The security profile with which it begins. Absent: it stays. */
  readonly profile?: SecurityProfile | undefined;
  /** Whether it is paused only because its instance is suspended. Absent: that stays. */
  readonly isSuspended?: boolean | undefined;
};

/** The changed steps of a run, as `engine.write_runs` and `engine.begin_steps` take them. */
export const stepRowsOf = ({ id: runId, steps, now }: RunWrite): readonly object[] =>
  steps.map(({ step, dueAt, leaseToken, queue, priority, usage, attemptStartedAt, offeredTask }) => {
    const beganAt = step.attempt > 0 ? now : null;
    const finishedAt = step.ended === null ? null : now;
    const queued = { queue: queue?.name ?? null, queueLimit: queue?.limit ?? null, priority };
    return { ...step, ...queued, runId, rowId: newId(), dueAt, leaseToken, beganAt, finishedAt, usage, attemptStartedAt, offeredTask };
  });

/** What `writeRuns` writes. */
export type RunWrites = { readonly writes: readonly RunWrite[]; readonly changes: readonly BatchWrite[] };

/**
 * Writes different runs and their changed steps, and the changes of their instances, in one statement.
 * @param options.isLast whether it is the last statement of the transaction (`executeLast`)
 * @throws Error if one of them has changed since it was read, although it was locked, or if another transaction has locked a task of an instance. The
 * transaction must be rolled back.
 */
export async function writeRuns(tx: Tx, { writes, changes }: RunWrites, { isLast }: { readonly isLast: boolean }): Promise<void> {
  if (writes.length === 0) return;
  const runRows = writes.map(
    ({
      id,
      base,
      version,
      run: { status, ending, outputs },
      now,
      isReceived,
      dueAt,
      attempts,
      usage,
      profile = null,
      isSuspended = null,
    }) => {
      const isOver = status === "SUCCEEDED" || status === "FAILED" || status === "CANCELLED";
      return {
        id,
        base,
        version,
        status,
        ending,
        outputs,
        now,
        isReceived,
        dueAt,
        finishedAt: isOver ? now : null,
        attempts,
        profile,
        isSuspended,
        ...usage,
      };
    },
  );
  const stepRows = writes.flatMap(stepRowsOf);
  const pastRows = writes.flatMap(({ id: runId, past, now }) => past.map((one) => ({ ...one, runId, now })));
  // Their own runs have ended, so nobody must be told to stop.
  if (changes.some(({ write: { runId } }) => runId !== undefined)) afterCommit(tx, noteDueRuns);
  const ids = changes.map(({ before }) => before.id);
  const versions = changes.map(({ before }) => before.version);
  const batch = changes.length === 0 ? null : JSON.stringify(batchOf(changes));
  const statement = named(
    "writeRuns",
    sql`select engine.write_runs(${sql.param(ids)}::uuid[], ${sql.param(versions)}::integer[], ${batch}::text::jsonb,
      ${JSON.stringify(runRows)}::text::jsonb, ${JSON.stringify(stepRows)}::text::jsonb, ${JSON.stringify(pastRows)}::text::jsonb)`,
  );
  if (isLast) await executeLast(tx, statement);
  else await tx.execute(statement);
}

/** Extends the lease of a step's worker. Returns false if the worker must stop: the run stops, or another worker has the step. */
export async function extendLease(tx: Tx, { runId, step, leaseToken, seconds }: Lease & { readonly seconds: number }): Promise<boolean> {
  const rows = await tx.execute(
    named(
      "extendStepLease",
      sql`update workflows.run_steps s set due_at = clock_timestamp() + make_interval(secs => ${seconds}::int)
        from workflows.runs r
       where s.tenant_id = app.tenant() and s.run_id = ${runId}::uuid and s.step = ${step} and s.lease_token = ${leaseToken}::uuid
         and r.tenant_id = s.tenant_id and r.id = s.run_id and r.status in ('RUNNING', 'PAUSED', 'COMPENSATING')
           and (r.left_at is null or r.status = 'COMPENSATING')
      returning s.id`,
    ),
  );
  return rows.length > 0;
}

export type Lease = { readonly runId: string; readonly step: string; readonly leaseToken: string };

/** A run, or one of its steps, that is due now. `step` is null for the run itself. `isNamed`: it was not found to be due, but named by a message. */
export type DueRun = { readonly runId: string; readonly instanceId: string; readonly step: string | null; readonly isNamed?: true };

/**
 * Returns what is due in the tenant: what needs no worker, and the steps that can begin, those of each priority longest waiting first. A priority is
 * worth a minute, so nothing waits for ever behind what is more important. Steps whose queue is full are missing.
 * @param withReady whether steps that can begin are among it; without them, only what needs no worker is
 */
export async function findDueRuns(
  tx: Tx,
  { limit, withReady }: { readonly limit: number; readonly withReady: boolean },
): Promise<DueRun[]> {
  const rows = await tx.execute<{ run_id: string; instance_id: string; step: string | null }>(
    named(
      "findDueRuns",
      sql`with full_queues as materialized (
          select q.queue from workflows.run_steps q
           where q.tenant_id = app.tenant() and q.queue is not null and q.lease_token is not null
           group by q.queue having count(*) >= min(q.queue_limit)
        )
        select d.run_id, r.instance_id, d.step from (
          (select r.id as run_id, null as step, r.due_at as rank from workflows.runs r
            where r.tenant_id = app.tenant() and r.due_at <= clock_timestamp() order by r.due_at limit ${limit}::int)
          union all
          select s.* from (values (1), (0), (-1)) as p(priority) cross join lateral (
            select s.run_id, s.step, s.due_at - p.priority * interval '1 minute' as rank from workflows.run_steps s
             where s.tenant_id = app.tenant() and s.priority = p.priority and s.due_at <= clock_timestamp()
               and (${withReady} or s.status <> 'READY' and s.compensation is distinct from 'READY')
               and (s.queue is null or s.lease_token is not null or s.queue not in (select f.queue from full_queues f))
             order by s.due_at limit ${limit}::int) s
          order by rank limit ${limit}::int) d
          join workflows.runs r on r.tenant_id = app.tenant() and r.id = d.run_id order by d.rank`,
    ),
  );
  return rows.map(({ run_id: runId, instance_id: instanceId, step }) => ({ runId, instanceId, step }));
}

/** Locks queues until the transaction ends, and returns how many steps of each are being done. */
export async function lockQueues(tx: Tx, names: readonly string[]): Promise<Map<string, number>> {
  await tx.execute(
    named(
      "lockQueues",
      // The lock is taken before the steps are counted: in an earlier statement, because each sees what was committed when it began.
      sql`select count(pg_advisory_xact_lock(hashtextextended('queue ' || app.tenant()::text || ' ' || n.name, 0))) as locked
            from (select u.name from unnest(${sql.param([...names].toSorted())}::text[]) as u(name) order by u.name) n`,
    ),
  );
  const counts = await tx.execute<{ queue: string; busy: number }>(
    named(
      "countInQueues",
      sql`select s.queue, count(*)::int as busy from workflows.run_steps s
           where s.tenant_id = app.tenant() and s.queue = any(${sql.param(names)}::text[]) and s.lease_token is not null group by s.queue`,
    ),
  );
  return new Map(counts.map(({ queue, busy }) => [queue, busy]));
}

/** How long a run waits that could not be worked on. */
export type Postponing = {
  readonly seconds: number;
  /** Failures in a row, in all processes, after which it waits for `stoppedSeconds`. */
  readonly maxFailures: number;
  readonly stoppedSeconds: number;
};

/**
 * Counts a transaction that could not work on a run, and lets what is due for it wait, so that the run does not delay the others. What is written for the
 * run starts the count over.
 * @returns the number of failures in a row; 0: there is no such run
 */
export async function postponeRun(tx: Tx, runId: string, { seconds, maxFailures, stoppedSeconds }: Postponing): Promise<number> {
  const [row] = await tx.execute<{ failures: number }>(
    named(
      "postponeRun",
      sql`with counted as (
        update workflows.runs r set failed_transactions = r.failed_transactions + 1,
               due_at = case when r.due_at > clock_timestamp() then r.due_at when r.due_at is not null then clock_timestamp() + make_interval(
                 secs => case when r.failed_transactions + 1 < ${maxFailures}::int then ${seconds}::int else ${stoppedSeconds}::int end) end
         where r.tenant_id = app.tenant() and r.id = ${runId}::uuid
        returning r.id, r.failed_transactions as failures
      ), steps as (
        update workflows.run_steps s set due_at = case when s.due_at is not null then l.later end, offered_at = case when s.offered_at is not null then l.later end
          from counted c cross join lateral (select clock_timestamp() + make_interval(
                 secs => case when c.failures < ${maxFailures}::int then ${seconds}::int else ${stoppedSeconds}::int end) as later) l
         where s.tenant_id = app.tenant() and s.run_id = c.id and coalesce(s.due_at, s.offered_at) <= clock_timestamp()
      )
      select failures from counted`,
    ),
  );
  return row?.failures ?? 0;
}

/** A parameter, because statements with parameters are prepared: this one takes longer to plan than to run. */
const MAX_TENANTS = 1000;

/** Returns the tenants with due runs, longest waiting first. Runs as weft_worker, across all tenants. */
export async function findTenantsWithDueRuns(tx: Executes): Promise<string[]> {
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
         where d.due_at <= clock_timestamp() group by d.tenant_id order by min(d.due_at) limit ${MAX_TENANTS}::int`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** Values that the core does not know. */
export type RunFacts = { readonly id: string; readonly startedAt: string; readonly ownerId: string | null };

export const factsOf = ({ id, startedAt, ownerId }: RunFacts): Readonly<Record<string, Json>> => ({
  id: encodeId("run", id),
  started_at: startedAt,
  ...(ownerId !== null && { owner_id: encodeId("user", ownerId) }),
});
