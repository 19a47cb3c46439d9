/** What a worker reads and writes of schedules and their runs, in the tenant. */
import { schedules as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, count, eq, gte, inArray, lt, sql } from "drizzle-orm";
import type { NewSchedule, ScheduleRow } from "../schedule.store.js";

const { schedules, scheduleRuns } = tables;

export type RunRow = typeof scheduleRuns.$inferSelect;
export type NewRun = typeof scheduleRuns.$inferInsert;

/** How long after the beginning of an attempt nobody else attempts it. It takes milliseconds until the schedule is locked. */
const ATTEMPT_SECONDS = 3;

const ended = { attempts: 0, attemptedAt: null };

export type DueSchedule = Pick<ScheduleRow, "id" | "ownerId" | "attempts">;

/**
 * Returns the schedule that has been due longest, except the given ones, and counts the attempt at it. Those at which a process has ended come last, so
 * that they do not keep the others from running. Leaves out schedules that another process is about to lock, or has locked.
 */
export async function takeDue(tx: Tx, except: readonly string[]): Promise<DueSchedule | null> {
  const [row] = await tx.execute<DueSchedule>(
    named(
      "takeDueSchedule",
      sql`with due as materialized (
          select s.id from workflows.schedules s
           where s.tenant_id = app.tenant() and s.due_at <= app.weft_now() and s.id <> all(${sql.param([...except])}::uuid[])
             and (s.attempted_at is null or s.attempted_at < clock_timestamp() - make_interval(secs => ${ATTEMPT_SECONDS}))
           order by s.attempts, s.due_at, s.id limit 1 for update skip locked
        )
        update workflows.schedules s set attempts = s.attempts + 1, attempted_at = clock_timestamp() from due
         where s.tenant_id = app.tenant() and s.id = due.id
        returning s.id, s.owner_id as "ownerId", s.attempts`,
    ),
  );
  return row ?? null;
}

/** Ends the attempt at a schedule that failed: the process did not end. */
export async function endAttempts(tx: Tx, id: string): Promise<void> {
  await named("endScheduleAttempts", tx.update(schedules).set(ended).where(eq(schedules.id, id)));
}

/** Locks a schedule until commit, if it is due and no other transaction has locked it. With the tenant's time. */
export async function lockDue(tx: Tx, id: string): Promise<{ row: ScheduleRow; now: number } | null> {
  const query = tx
    .select({ row: schedules, now: sql<string>`app.weft_now()` })
    .from(schedules)
    .where(and(eq(schedules.id, id), sql`${schedules.dueAt} <= app.weft_now()`))
    .for("update", { skipLocked: true });
  const [found] = await named("lockDueSchedule", query);
  return found ? { row: found.row, now: Date.parse(found.now) } : null;
}

/** Changes the worker's columns of a locked schedule, which ends the attempt at it. Does not count as a change of the schedule. */
export async function keepProgress(tx: Tx, id: string, changes: Partial<NewSchedule>): Promise<void> {
  await named(
    "keepScheduleProgress",
    tx
      .update(schedules)
      .set({ ...ended, ...changes })
      .where(eq(schedules.id, id)),
  );
}

/** Inserts runs, except at planned times that already have one. Returns the inserted ones. */
export async function insertRuns(tx: Tx, runs: readonly NewRun[]): Promise<RunRow[]> {
  if (runs.length === 0) return [];
  return named(
    "insertScheduleRuns",
    tx
      .insert(scheduleRuns)
      .values([...runs])
      .onConflictDoNothing()
      .returning(),
  );
}

export async function changeRuns(tx: Tx, ids: readonly string[], changes: Partial<NewRun>): Promise<void> {
  await named(
    "changeScheduleRuns",
    tx
      .update(scheduleRuns)
      .set(changes)
      .where(inArray(scheduleRuns.id, [...ids])),
  );
}

export async function findRunAt(tx: Tx, scheduleId: string, plannedAt: string): Promise<RunRow | null> {
  const query = tx
    .select()
    .from(scheduleRuns)
    .where(and(eq(scheduleRuns.scheduleId, scheduleId), eq(scheduleRuns.plannedAt, plannedAt)));
  const [row] = await named("findScheduleRunAt", query);
  return row ?? null;
}

const queuedOf = (scheduleId: string) => and(eq(scheduleRuns.scheduleId, scheduleId), eq(scheduleRuns.status, "QUEUED"));

/** Returns the waiting run with the earliest planned time. */
export async function findQueued(tx: Tx, scheduleId: string, kinds: readonly string[]): Promise<RunRow | null> {
  const query = tx
    .select()
    .from(scheduleRuns)
    .where(and(queuedOf(scheduleId), inArray(scheduleRuns.kind, [...kinds])))
    .orderBy(asc(scheduleRuns.plannedAt), asc(scheduleRuns.id))
    .limit(1);
  const [row] = await named("findQueuedRun", query);
  return row ?? null;
}

export async function countQueued(tx: Tx, scheduleId: string): Promise<number> {
  const [row] = await named("countQueuedRuns", tx.select({ count: count() }).from(scheduleRuns).where(queuedOf(scheduleId)));
  return row?.count ?? 0;
}

/** Returns the instances of the schedule that have not ended, earliest run first. */
export async function findUnfinished(tx: Tx, scheduleId: string): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "findUnfinishedRuns",
      sql`select i.id from workflows.schedule_runs r join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
       where r.tenant_id = app.tenant() and r.schedule_id = ${scheduleId}::uuid and r.is_open and i.finished_at is null
       order by r.planned_at, r.id`,
    ),
  );
  return rows.map(({ id }) => id);
}

/** Notes that an instance has ended. Returns the schedule that started it, if there is one. */
export async function closeRun(tx: Tx, instanceId: string): Promise<string | null> {
  const [row] = await tx.execute<{ schedule_id: string }>(
    named(
      "closeScheduleRun",
      sql`update workflows.schedule_runs set is_open = false
       where tenant_id = app.tenant() and instance_id = ${instanceId}::uuid and is_open returning schedule_id`,
    ),
  );
  return row?.schedule_id ?? null;
}

/** Lets a worker look at the schedule now, if runs of it wait. */
export async function wakeQueue(tx: Tx, scheduleId: string): Promise<void> {
  await tx.execute(
    named(
      "wakeScheduleQueue",
      sql`update workflows.schedules s set due_at = least(s.due_at, app.weft_now())
       where s.tenant_id = app.tenant() and s.id = ${scheduleId}::uuid and exists (
         select from workflows.schedule_runs r where r.tenant_id = s.tenant_id and r.schedule_id = s.id and r.status = 'QUEUED')`,
    ),
  );
}

/** Returns the runs planned in a period, whose end is not included. */
export function findRunsBetween(tx: Tx, scheduleId: string, from: string, to: string): Promise<RunRow[]> {
  const query = tx
    .select()
    .from(scheduleRuns)
    .where(and(eq(scheduleRuns.scheduleId, scheduleId), gte(scheduleRuns.plannedAt, from), lt(scheduleRuns.plannedAt, to)));
  return named("findScheduleRunsBetween", query);
}
