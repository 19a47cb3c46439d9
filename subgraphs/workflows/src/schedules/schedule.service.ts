/**
 * Schedules: start workflows at planned times, on behalf of their owner.
 * A planned time has at most one run, which is recorded in the transaction that starts its workflow.
 * A user who changes a schedule becomes its owner, so nothing starts with the rights of somebody who has not written it.
 */
import { checkStart, actorOf, readNow } from "@weft/engine";
import { BadUserInput, Conflict, Forbidden, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId, newId } from "@weft/shared/ids";
import { hasPermission, type Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { assertPlanned, isoOf, nextColumns, nextOccurrences, type Occurrence, readSpan, readTiming } from "@weft/api/timing";
import { scheduleColumns, type CreateScheduleInput, type NextRunsInput, type UpdateScheduleInput } from "./schedule.type.js";
import {
  insertSchedule,
  lockCount,
  lockSchedule,
  removeSchedule,
  selectSchedules,
  updateSchedule,
  type NewSchedule,
  type ScheduleRow,
} from "./schedule.store.js";
import { filledData, placeholderNames, unknownPlaceholders } from "./timing/data-template.js";

const MAX_SCHEDULES = 500;
const MAX_DATA_CHARS = 100_000;
const MAX_NEXT = 100;
const DAY_SECONDS = 86_400;

export async function getSchedule(tx: Tx, id: string): Promise<ScheduleRow> {
  const [row] = await selectSchedules(tx, [id]);
  if (!row) throw new NotFound("Schedule", encodeId("schedule", id));
  return row;
}

/**
 * Returns the schedule and locks it until commit.
 * @throws NotFound, Conflict
 */
export async function lockScheduleAt(tx: Tx, id: string, expectedVersion?: number | null): Promise<ScheduleRow> {
  const row = await lockSchedule(tx, id);
  if (!row) throw new NotFound("Schedule", encodeId("schedule", id));
  if (typeof expectedVersion === "number" && expectedVersion !== row.version)
    throw new Conflict(`The schedule ${quote(row.name)} was changed by another request. Read it again and retry.`, {
      currentVersion: row.version,
    });
  return row;
}

export const tenantNow = async (tx: Tx): Promise<number> => Date.parse(await readNow(tx));

export async function createSchedule(ctx: Context, input: CreateScheduleInput): Promise<ScheduleRow> {
  assertOwner(ctx.viewer);
  const timing = readTiming(input, null);
  const terms = readTerms(input);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createSchedule", input }, async () => {
      if ((await lockCount(tx)) >= MAX_SCHEDULES)
        throw new BadUserInput([{ path: "input", message: `There are already ${MAX_SCHEDULES} schedules, which is the maximum.` }]);
      const now = await tenantNow(tx);
      const at = isoOf(now);
      const { tenantId, userId } = ctx.viewer;
      const { name, definitionKey } = input;
      const policies = {
        jitterSeconds: 0,
        missedRuns: "RUN_ONCE",
        catchUpSeconds: 7 * DAY_SECONDS,
        overlap: "ALLOW",
        queueLimit: 10,
        maxFailures: 5,
      };
      const row = { data: {}, teamId: null, ...policies, ...terms, ...timing, tenantId, id: newId(), plannedSince: at };
      assertPlanned(row, now);
      const next = nextColumns(row, now);
      const environment = input.environment ?? "PROD";
      await assertStartable(tx, ctx, { ...row, definitionKey, environment }, Date.parse(next.nextPlannedAt ?? at));
      const inserted = await insertSchedule(tx, {
        ...row,
        ...next,
        dueAt: next.nextRunAt,
        name,
        definitionKey,
        environment,
        ownerId: userId,
        createdBy: userId,
        createdAt: at,
        updatedAt: at,
      });
      await recordChange(tx, ctx.meta, { event: { type: "schedule.created", payload: { name } }, before: null, after: inserted });
      return inserted;
    });
    return getSchedule(tx, id);
  });
}

const timingFields = ["cron", "every", "runAt", "timeZone", "startsAt", "endsAt"] as const;

/** Changes a schedule. The viewer becomes its owner. If the planned times change, they count from now. */
export async function changeSchedule(ctx: Context, input: UpdateScheduleInput): Promise<ScheduleRow> {
  const id = decodeId("schedule", input.id, "input.id");
  assertOwner(ctx.viewer);
  const terms = readTerms(input);
  return ctx.inTenant(async (tx) => {
    const before = await lockScheduleAt(tx, id, input.expectedVersion);
    const now = await tenantNow(tx);
    const isReplanned = timingFields.some((field) => input[field] !== undefined);
    const timing = isReplanned ? { ...readTiming(input, before), plannedSince: isoOf(now) } : {};
    const changes: Partial<NewSchedule> = { ...terms, ...timing };
    const after = { ...before, ...terms, ...timing };
    if (isReplanned) {
      assertPlanned(after, now);
      Object.assign(changes, replanned(after, now));
    } else if (terms.jitterSeconds !== undefined && before.nextPlannedAt !== null) {
      Object.assign(changes, replanned(after, Date.parse(before.nextPlannedAt) - 1));
    }
    await assertStartable(tx, ctx, after, now);
    const row = await updateSchedule(tx, before, { ...changes, ownerId: ctx.viewer.userId });
    await recordChange(tx, ctx.meta, {
      event: { type: "schedule.updated", payload: { changed: Object.keys({ ...terms, ...timing }) } },
      before,
      after: row,
    });
    return row;
  });
}

/** Returns the columns of new planned times. A schedule that had ended has runs again. */
function replanned(row: ScheduleRow, now: number): Partial<NewSchedule> {
  const from = row.pausedUntil === null ? now : Math.max(now, Date.parse(row.pausedUntil) - 1);
  const next = nextColumns(row, from);
  if (row.status === "PAUSED") return { ...next, dueAt: row.pausedUntil === null ? row.dueAt : next.nextRunAt };
  // Runs that wait are looked at first.
  return { ...next, status: "ACTIVE", dueAt: isoOf(now) };
}

/** Deletes a schedule with its runs. The workflows that it started remain. */
export async function deleteSchedule(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("schedule", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await lockScheduleAt(tx, id, input.expectedVersion);
    await removeSchedule(tx, id);
    await recordChange(tx, ctx.meta, { event: { type: "schedule.deleted", payload: { name: before.name } }, before, after: null });
    return input.id;
  });
}

/** Returns the planned times of an input, without writing anything. */
export async function nextRunsOf(ctx: Context, { after, first, ...input }: NextRunsInput): Promise<Occurrence[]> {
  const timing = readTiming(input, null);
  const count = nextCount(first, "input.first");
  const now = await ctx.read(tenantNow);
  const from = after === null || after === undefined ? now : Date.parse(after);
  const plan = assertPlanned({ ...timing, id: "", jitterSeconds: 0, plannedSince: isoOf(now) }, from);
  return ctx.computing.run(() => nextOccurrences(plan, from, count));
}

/** @throws BadUserInput */
export function nextCount(first: number | null | undefined, path = "first"): number {
  const count = first ?? 10;
  if (count < 1 || count > MAX_NEXT)
    throw new BadUserInput([{ path, message: `Between 1 and ${MAX_NEXT} runs can be computed, not ${count}.` }]);
  return count;
}

/** @throws Forbidden if the viewer cannot own a schedule */
function assertOwner(viewer: Viewer): void {
  if (viewer.operatorId !== null)
    throw new Forbidden("Operators cannot own schedules, because they act for a limited time. Ask a user of the tenant.");
  if (!hasPermission(viewer, "workflow.start"))
    throw new Forbidden("A schedule starts workflows on your behalf, which requires the permission workflow.start.");
}

type Terms = Partial<
  Pick<
    ScheduleRow,
    "name" | "data" | "teamId" | "jitterSeconds" | "missedRuns" | "catchUpSeconds" | "overlap" | "queueLimit" | "maxFailures"
  >
>;

/** Returns the given fields. @throws BadUserInput */
function readTerms(input: Omit<UpdateScheduleInput, "id" | "expectedVersion">): Terms {
  const { data, missedRuns, overlap, queueLimit, maxFailures } = input;
  const problems: Problem[] = [
    ...scheduleColumns.textProblems(input),
    ...rangeProblems("queueLimit", queueLimit),
    ...rangeProblems("maxFailures", maxFailures),
    ...(data === undefined || data === null ? [] : dataProblems(data)),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  const terms = {
    name: input.name ?? undefined,
    data: (data ?? undefined) as Record<string, unknown> | undefined,
    teamId: input.teamId === undefined ? undefined : (decodeIdOrNull("team", input.teamId, "input.teamId") ?? null),
    jitterSeconds: readSpan(input.jitter, { path: "input.jitter", max: "PT24H" }),
    missedRuns: missedRuns ?? undefined,
    catchUpSeconds: readSpan(input.catchUpWindow, { path: "input.catchUpWindow", max: "P31D" }),
    overlap: overlap ?? undefined,
    queueLimit: queueLimit ?? undefined,
    maxFailures: maxFailures ?? undefined,
  };
  return Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined)) as Terms;
}

const rangeProblems = (field: string, value: number | null | undefined): Problem[] =>
  typeof value === "number" && (value < 1 || value > 100)
    ? [{ path: `input.${field}`, message: `It must be between 1 and 100, not ${value}.` }]
    : [];

function dataProblems(data: unknown): Problem[] {
  const path = "input.data";
  if (typeof data !== "object" || Array.isArray(data)) return [{ path, message: "The data must be an object." }];
  if (JSON.stringify(data).length > MAX_DATA_CHARS) return [{ path, message: `The data has more than ${MAX_DATA_CHARS} characters.` }];
  return unknownPlaceholders(data).map((name) => ({
    path,
    message: `There is no placeholder {{${name}}}. Choose one of ${placeholderNames.join(", ")}.`,
  }));
}

type Startable = Pick<ScheduleRow, "id" | "definitionKey" | "environment" | "data" | "teamId" | "timeZone">;

/** Checks that a run could start now, with the viewer as owner. @throws BadUserInput */
async function assertStartable(tx: Tx, ctx: Context, row: Startable, plannedAt: number): Promise<void> {
  await checkStart(tx, ctx.meta, {
    definitionKey: row.definitionKey,
    environment: row.environment as "DEV" | "STAGING" | "PROD",
    data: filledData(row.data, { scheduleId: encodeId("schedule", row.id), plannedAt, timeZone: row.timeZone }),
    ownerId: ctx.viewer.userId,
    teamId: row.teamId,
    actor: actorOf(ctx.viewer),
  });
}
