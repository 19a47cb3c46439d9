import { actorOf, cancelInstance, startInstance } from "@weft/engine";
import { Forbidden } from "@weft/shared/errors";
import { encodeId, newId } from "@weft/shared/ids";
import { hasPermission, type Viewer } from "@weft/shared/viewer";
import { chaos } from "@weft/platform/chaos";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { PersonKeyring } from "@weft/platform/privacy";
import { columnsOf, isoOf, missedFrom, type MissedPolicy, nextOccurrence, type Occurrence, planOf } from "@weft/api/timing";
import { filledData } from "../timing/data-template.js";
import { whenOverlapping, type Overlap, type RunKind } from "../timing/overlap.js";
import { metaOf, recordResumed, runEvent } from "../schedule.events.js";
import type { NewSchedule, ScheduleRow } from "../schedule.store.js";
import {
  changeRuns,
  countQueued,
  findQueued,
  findRunAt,
  findUnfinished,
  insertRuns,
  keepProgress,
  type NewRun,
  type RunRow,
} from "./run.store.js";

/** The start of a run ended the process several times. */
export class StartCrashed extends Error {
  constructor(crashes: number) {
    super(`The process that started the workflow ended unexpectedly ${crashes} times. See the log for the cause.`);
  }
}

/** Missed runs that one transaction records. */
const MISSED_PER_STEP = 500;

/** The run that a step starts: one that waited, or a new one. */
export interface Starting {
  readonly plannedAt: string;
  readonly queued: RunRow | null;
}

export interface Step {
  /** Locked. */
  readonly row: ScheduleRow;
  /** The tenant's time, in milliseconds. */
  readonly now: number;
  /** The owner with their current rights. Null if the owner can no longer act. */
  readonly viewer: Viewer | null;
  readonly keyring: PersonKeyring;
  /** How often in a row a process has ended while it took a step of this schedule. Null: not often enough to give up the run. */
  readonly crashes: number | null;
  /** Called before a run is started, so that its failure can be recorded. */
  readonly onStarting: (run: Starting) => void;
}

/**
 * Takes one step of a due schedule: starts, queues or skips one run, or records missed ones. If nothing is left to do, sets when the schedule is due
 * next. In each case the schedule has changed, so repeated steps come to an end.
 */
export async function takeStep(tx: Tx, step: Step): Promise<void> {
  const row = await resumedRow(tx, step);
  const isActive = row.status === "ACTIVE";
  const queued = await findQueued(tx, row.id, isActive ? ["SCHEDULED", "MANUAL", "BACKFILL"] : ["MANUAL", "BACKFILL"]);
  if (queued && (await takeQueued(tx, { ...step, row }, queued))) return;
  const due = isActive ? dueOf(row) : null;
  if (due && due.startsAt <= step.now) await takeDue(tx, { ...step, row }, { due, isBlocked: queued !== null });
  else await settle(tx, row, queued !== null);
}

const dueOf = ({ nextPlannedAt, nextRunAt }: ScheduleRow): Occurrence | null =>
  nextPlannedAt === null || nextRunAt === null ? null : { plannedAt: Date.parse(nextPlannedAt), startsAt: Date.parse(nextRunAt) };

/** Ends a pause whose time is over. */
async function resumedRow(tx: Tx, { row, now, keyring }: Step): Promise<ScheduleRow> {
  const isOver = row.status === "PAUSED" && row.pausedUntil !== null && Date.parse(row.pausedUntil) <= now;
  return isOver ? recordResumed(tx, metaOf(row, keyring), row, { isAutomatic: true }) : row;
}

/** Starts or skips a waiting run. Returns whether it no longer waits. */
async function takeQueued(tx: Tx, step: Step, queued: RunRow): Promise<boolean> {
  const { row } = step;
  const unfinished = await unfinishedOf(tx, row);
  const action = unfinished.length === 0 ? "start" : whenOverlapping(row.overlap as Overlap, queued.kind as RunKind);
  if (action === "wait") return false;
  if (action === "skip") {
    await changeRuns(tx, [queued.id], { status: "SKIPPED", message: overlapped });
    await tellSkipped(tx, step, queued.plannedAt);
    await keepProgress(tx, row.id, { dueAt: isoOf(step.now) });
    return true;
  }
  await begin(tx, step, { plannedAt: queued.plannedAt, queued }, action === "cancelOld" ? unfinished : []);
  await keepProgress(tx, row.id, { dueAt: isoOf(step.now), failuresInRow: 0 });
  return true;
}

const unfinishedOf = (tx: Tx, { id, overlap }: ScheduleRow): Promise<string[]> =>
  overlap === "ALLOW" ? Promise.resolve([]) : findUnfinished(tx, id);

/** Records the missed runs, or starts, queues or skips the first one that was not missed. */
async function takeDue(tx: Tx, step: Step, { due, isBlocked }: { due: Occurrence; isBlocked: boolean }): Promise<void> {
  const { row, now } = step;
  const { missed, next } = missedOf(row, due, now);
  if (missed.length > 0) {
    await recordMissed(tx, step, missed);
    await keepProgress(tx, row.id, { ...columnsOf(next), dueAt: isoOf(now) });
    return;
  }
  const plannedAt = isoOf(due.plannedAt);
  const following = columnsOf(nextOccurrence(planOf(row), due.plannedAt));
  const progress = await takePlanned(tx, step, { plannedAt, isBlocked });
  await keepProgress(tx, row.id, { ...following, ...progress });
}

interface Planned {
  readonly plannedAt: string;
  /** Whether an earlier run waits. */
  readonly isBlocked: boolean;
}

/** Starts, queues or skips the run of a planned time. Returns the changes of the schedule. */
async function takePlanned(tx: Tx, step: Step, { plannedAt, isBlocked }: Planned): Promise<Partial<NewSchedule>> {
  const { row, now } = step;
  const again = { dueAt: isoOf(now) };
  // It was requested in the meantime.
  if (await findRunAt(tx, row.id, plannedAt)) return again;
  const unfinished = await unfinishedOf(tx, row);
  const mustWait = unfinished.length > 0 || (isBlocked && row.overlap === "QUEUE");
  const action = mustWait ? whenOverlapping(row.overlap as Overlap, "SCHEDULED") : "start";
  switch (action) {
    case "start":
    case "cancelOld":
      await begin(tx, step, { plannedAt, queued: null }, action === "cancelOld" ? unfinished : []);
      return { ...again, failuresInRow: 0 };
    case "wait":
      if ((await countQueued(tx, row.id)) < row.queueLimit) {
        await insertRuns(tx, [newRun(step, { plannedAt, status: "QUEUED" })]);
        return again;
      }
      await insertRuns(tx, [newRun(step, { plannedAt, status: "SKIPPED", message: "The queue of the schedule was full." })]);
      break;
    case "skip":
      await insertRuns(tx, [newRun(step, { plannedAt, status: "SKIPPED", message: overlapped })]);
      break;
    default:
      action satisfies never;
  }
  await tellSkipped(tx, step, plannedAt);
  return again;
}

const overlapped = "An earlier run of the schedule had not ended.";

export const newRun = ({ row, now }: Pick<Step, "row" | "now">, run: Pick<NewRun, "plannedAt" | "status"> & Partial<NewRun>): NewRun => ({
  tenantId: row.tenantId,
  id: newId(),
  scheduleId: row.id,
  kind: "SCHEDULED",
  createdAt: isoOf(now),
  ...run,
});

/** Starts the instance of a run, in the transaction that records the run. */
async function begin(tx: Tx, step: Step, run: Starting, toCancel: readonly string[]): Promise<void> {
  const { row, now, keyring, crashes, onStarting } = step;
  onStarting(run);
  if (crashes !== null) throw new StartCrashed(crashes);
  const viewer = assertMayStart(step, toCancel);
  const meta = metaOf(row, keyring);
  const actor = actorOf(viewer);
  const scheduleId = encodeId("schedule", row.id);
  const comment = `Cancelled for the next run of the schedule ${scheduleId}.`;
  for (const id of toCancel) await cancelInstance(tx, meta, { id, comment, actor });
  const times = { scheduleId, plannedAt: Date.parse(run.plannedAt), timeZone: row.timeZone };
  const { id: instanceId } = await startInstance(tx, meta, {
    definitionKey: row.definitionKey,
    environment: row.environment as "DEV" | "STAGING" | "PROD",
    data: filledData(row.data, times),
    ownerId: row.ownerId,
    teamId: row.teamId,
    actor,
  });
  chaos("schedule.started");
  const started = { status: "STARTED", instanceId, startedAt: isoOf(now), isOpen: true };
  if (run.queued) await changeRuns(tx, [run.queued.id], started);
  else await insertRuns(tx, [newRun(step, { plannedAt: run.plannedAt, ...started })]);
  const payload = { name: row.name, plannedAt: new Date(run.plannedAt).toISOString(), instanceId };
  await appendEvents(tx, meta, [{ ...runEvent(row, "schedule.run_started", payload), related: { instance: instanceId } }]);
  chaos("schedule.recorded");
}

/** @throws Forbidden if the owner can no longer start workflows, or cancel those that the run replaces */
function assertMayStart({ viewer }: Step, toCancel: readonly string[]): Viewer {
  if (!viewer) throw new Forbidden("The owner of the schedule is no longer active.");
  for (const permission of ["workflow.start", ...(toCancel.length > 0 ? ["workflow.cancel" as const] : [])] as const)
    if (!hasPermission(viewer, permission)) throw new Forbidden(`The owner of the schedule does not have the permission ${permission}.`);
  return viewer;
}

/** Returns the missed occurrences from a due one on, and the first one that is not missed. */
function missedOf(row: ScheduleRow, due: Occurrence, now: number): { missed: Occurrence[]; next: Occurrence | null } {
  const policy: MissedPolicy = { missedRuns: row.missedRuns as MissedPolicy["missedRuns"], catchUpSeconds: row.catchUpSeconds };
  return missedFrom(planOf(row), { due, now, policy, limit: MISSED_PER_STEP });
}

async function recordMissed(tx: Tx, step: Step, missed: readonly Occurrence[]): Promise<void> {
  const { row, keyring } = step;
  const runs = missed.map(({ plannedAt }) => newRun(step, { plannedAt: isoOf(plannedAt), status: "MISSED" }));
  const [first] = await insertRuns(tx, runs);
  const payload = { name: row.name, plannedAt: new Date(first?.plannedAt ?? step.now).toISOString(), count: missed.length };
  await appendEvents(tx, metaOf(row, keyring), [runEvent(row, "schedule.runs_missed", payload)]);
}

async function tellSkipped(tx: Tx, { row, keyring }: Step, plannedAt: string): Promise<void> {
  const payload = { name: row.name, plannedAt: new Date(plannedAt).toISOString() };
  await appendEvents(tx, metaOf(row, keyring), [runEvent(row, "schedule.run_skipped", payload)]);
}

/** Sets when the schedule is due next. One that will never run again has ended. */
async function settle(tx: Tx, row: ScheduleRow, isWaiting: boolean): Promise<void> {
  const hasNext = row.nextRunAt !== null;
  const status = row.status === "ACTIVE" && !hasNext && !isWaiting ? "ENDED" : row.status;
  const isPlanned = row.status === "ACTIVE" || (row.status === "PAUSED" && row.pausedUntil !== null);
  await keepProgress(tx, row.id, { status, dueAt: isPlanned ? row.nextRunAt : null });
}
