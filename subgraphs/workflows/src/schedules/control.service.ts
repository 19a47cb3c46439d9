import { BadUserInput, Conflict } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedIdInput, VersionedIdInput } from "@weft/api/inputs";
import { isoOf, nextColumns, nextOccurrence, type Plan, planOf } from "@weft/api/timing";
import type { BackfillScheduleInput, PauseScheduleInput } from "./schedule.input.js";
import { findRunOutcome } from "./run/run.list.js";
import { changeRuns, findRunsBetween, insertRuns, keepProgress } from "./run/run.store.js";
import type { RunOutcome } from "./run/run.type.js";
import { recordPaused, recordResumed } from "./schedule.events.js";
import { getSchedule, lockScheduleAt, tenantNow } from "./schedule.service.js";
import type { ScheduleRow } from "./schedule.store.js";

/** Runs that one call can backfill. */
const MAX_BACKFILL = 1_000;

/** Planned times that one call looks at. Computing a planned time of a cron expression takes about 0.2 ms. */
const MAX_PLANNED = 5_000;

const MAX_PAUSE_MS = 3_660 * 86_400_000;

/** Pauses a schedule. Planned times during the pause have no runs, and `backfillSchedule` can make up for them. */
export async function pauseSchedule(ctx: Context, { id: given, reason, until, expectedVersion }: PauseScheduleInput): Promise<ScheduleRow> {
  const id = decodeId("schedule", given, "input.id");
  const problems = textProblems("input.reason", reason, { max: 1_000 });
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const before = await lockScheduleAt(tx, id, expectedVersion);
    if (before.status === "ENDED")
      throw new Conflict("The schedule has ended. There is nothing to pause.", { currentVersion: before.version });
    const now = await tenantNow(tx);
    const end = until === null || until === undefined ? null : Date.parse(until);
    if (end !== null && end <= now) throw new BadUserInput([{ path: "input.until", message: "The end of a pause must be in the future." }]);
    if (end !== null && end > now + MAX_PAUSE_MS)
      throw new BadUserInput([
        { path: "input.until", message: "A pause lasts at most ten years. Omit its end to pause until somebody resumes." },
      ]);
    const changes = end === null ? {} : { pausedUntil: isoOf(end), ...nextColumns(before, end - 1) };
    return recordPaused(tx, ctx.meta, before, { now, by: { userId: ctx.viewer.userId, reason, changes } });
  });
}

/** Resumes a schedule. The next run is the first that is planned from now on. */
export async function resumeSchedule(ctx: Context, { id: given, expectedVersion }: VersionedIdInput): Promise<ScheduleRow> {
  const id = decodeId("schedule", given, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await lockScheduleAt(tx, id, expectedVersion);
    if (before.status !== "PAUSED") throw new Conflict("The schedule is not paused.", { currentVersion: before.version });
    const now = await tenantNow(tx);
    const changes = { ...nextColumns(before, now), dueAt: isoOf(now) };
    return recordResumed(tx, ctx.meta, before, { isAutomatic: false, changes });
  });
}

/** Requests a run now, also of a paused or ended schedule. A worker starts it, on behalf of the owner. */
export async function runScheduleNow(
  ctx: Context,
  { idempotencyKey, ...input }: KeyedIdInput,
): Promise<{ row: ScheduleRow; run: RunOutcome }> {
  const id = decodeId("schedule", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "runScheduleNow", key: idempotencyKey, input }, async () => {
      const row = await lockScheduleAt(tx, id);
      const now = await tenantNow(tx);
      const [run] = await insertRuns(tx, [request(ctx, row, { now, plannedAt: now, kind: "MANUAL" })]);
      if (!run) throw new Conflict("A run of the schedule was requested at the same moment. Retry.", { currentVersion: row.version });
      await keepProgress(tx, id, { dueAt: isoOf(now) });
      await writeAudit(tx, ctx.meta, [{ action: "schedule.runNow", entityType: "schedule", entityId: id, before: null, after: null }]);
      return { id: run.id };
    });
    const row = await getSchedule(tx, id);
    const run = await findRunOutcome(tx, result["id"] ?? "");
    if (!run) throw new Error("A requested run does not exist.");
    return { row, run };
  });
}

/** Requests the missed runs of a period. Planned times that had a run are not repeated. */
export async function backfillSchedule(
  ctx: Context,
  { idempotencyKey, ...input }: BackfillScheduleInput,
): Promise<{ row: ScheduleRow; count: number }> {
  const id = decodeId("schedule", input.id, "input.id");
  const [from, to] = [Date.parse(input.from), Date.parse(input.to)];
  if (to <= from) throw new BadUserInput([{ path: "input.to", message: "The end must be after the start." }]);
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "backfillSchedule", key: idempotencyKey, input }, async () => {
      const row = await lockScheduleAt(tx, id);
      const count = await requestMissed(tx, ctx, row, { from, to });
      await writeAudit(tx, ctx.meta, [{ action: "schedule.backfill", entityType: "schedule", entityId: id, before: null, after: null }]);
      return { count: String(count) };
    });
    return { row: await getSchedule(tx, id), count: Number(result["count"]) };
  });
}

async function requestMissed(tx: Tx, ctx: Context, row: ScheduleRow, { from, to }: { from: number; to: number }): Promise<number> {
  const now = await tenantNow(tx);
  const since = Date.parse(row.plannedSince);
  if (from < since)
    throw new BadUserInput([
      { path: "input.from", message: `The planned times are these since ${isoOf(since)}. Choose that time or a later one.` },
    ]);
  if (to > now) throw new BadUserInput([{ path: "input.to", message: "The end of the period must not be in the future." }]);
  // Later ones are due, and the worker decides about them.
  const end = row.nextPlannedAt === null || row.status === "PAUSED" ? to : Math.min(to, Date.parse(row.nextPlannedAt));
  const planned = plannedBetween(planOf(row), from, end);
  const runs = await findRunsBetween(tx, row.id, isoOf(from), isoOf(to));
  const known = new Map(runs.map((run) => [Date.parse(run.plannedAt), run]));
  const absent = planned.filter((at) => !known.has(at));
  const missed = planned.flatMap((at) => (known.get(at)?.status === "MISSED" ? [known.get(at)?.id ?? ""] : []));
  if (absent.length + missed.length > MAX_BACKFILL)
    throw new BadUserInput([
      { path: "input.to", message: `At most ${MAX_BACKFILL} runs can be backfilled at once. Choose a shorter period.` },
    ]);
  await insertRuns(
    tx,
    absent.map((plannedAt) => request(ctx, row, { now, plannedAt, kind: "BACKFILL" })),
  );
  if (missed.length > 0) await changeRuns(tx, missed, { status: "QUEUED", kind: "BACKFILL", requestedBy: ctx.viewer.userId });
  if (absent.length + missed.length > 0) await keepProgress(tx, row.id, { dueAt: isoOf(now) });
  return absent.length + missed.length;
}

/** Returns the planned times of a period, whose end is not included. Times that had a run count too. @throws BadUserInput if there are too many */
function plannedBetween(plan: Plan, from: number, to: number): number[] {
  // Jitter delays runs, and planned times do not depend on it.
  const withoutJitter = { ...plan, jitterSeconds: 0 };
  const planned: number[] = [];
  for (let next = nextOccurrence(withoutJitter, from - 1); next !== null && next.plannedAt < to;) {
    planned.push(next.plannedAt);
    if (planned.length > MAX_PLANNED)
      throw new BadUserInput([
        { path: "input.to", message: `More than ${MAX_PLANNED} runs are planned in the period. Choose a shorter period.` },
      ]);
    next = nextOccurrence(withoutJitter, next.plannedAt);
  }
  return planned;
}

const request = (
  { viewer }: Context,
  { tenantId, id }: ScheduleRow,
  { now, plannedAt, kind }: { now: number; plannedAt: number; kind: "MANUAL" | "BACKFILL" },
) => ({
  tenantId,
  id: newId(),
  scheduleId: id,
  plannedAt: isoOf(plannedAt),
  kind,
  status: "QUEUED",
  requestedBy: viewer.userId,
  createdAt: isoOf(now),
});
