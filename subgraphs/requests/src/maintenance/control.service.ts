import { BadUserInput, Conflict, quote } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { isoOf, nextOccurrence } from "@weft/api/timing";
import { latestTotalOf } from "../meters/meter.service.js";
import { parseQuantity, toDecimal } from "../meters/quantity.js";
import { findOccurrenceAt, findPendingShift, recordOccurrences, skipShiftedUntil } from "./occurrence.store.js";
import { recordStep, tell } from "./plan.events.js";
import type { PauseMaintenancePlanInput, ShiftOccurrenceInput, SkipOccurrenceInput } from "./plan.input.js";
import { lockPlanAt, nextColumns, tenantNow } from "./plan.service.js";
import { keepProgress, type PlanRow } from "./plan.store.js";
import { calendarOf, meterTermsOf, totalAfter } from "./planned.js";

/** Pauses a plan. Planned times during the pause create no requests. */
export async function pauseMaintenancePlan(ctx: Context, input: PauseMaintenancePlanInput): Promise<PlanRow> {
  const id = decodeId("maintenancePlan", input.id, "input.id");
  assertReason(input.reason);
  return ctx.inTenant(async (tx) => {
    const before = await lockPlanAt(tx, ctx.viewer, id, input.expectedVersion);
    if (before.status !== "ACTIVE") {
      const message = `The maintenance plan is ${before.status === "PAUSED" ? "paused already" : "ended"}.`;
      throw new Conflict(message, { currentVersion: before.version });
    }
    const since = { status: "PAUSED", pausedAt: isoOf(await tenantNow(tx)), pausedBy: ctx.viewer.userId, pauseReason: input.reason };
    return recordStep(tx, ctx.meta, before, { step: "pause", isAutomatic: false, changes: { ...since, dueAt: null } });
  });
}

/** Resumes a plan. The next request by the calendar is the first that is planned from now on. */
export async function resumeMaintenancePlan(ctx: Context, input: VersionedIdInput): Promise<PlanRow> {
  const id = decodeId("maintenancePlan", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await lockPlanAt(tx, ctx.viewer, id, input.expectedVersion);
    if (before.status !== "PAUSED") throw new Conflict("The maintenance plan is not paused.", { currentVersion: before.version });
    const now = await tenantNow(tx);
    const ended = { status: "ACTIVE", pausedAt: null, pausedBy: null, pauseReason: null, failuresInRow: 0 };
    await skipShiftedUntil(tx, id, isoOf(now));
    const shifted = await findPendingShift(tx, id);
    // The planned time of a shifted occurrence can have passed during the pause.
    const from = shifted === null ? now : Math.min(now, Date.parse(shifted.plannedAt) - 1);
    // The worker looks at it now: the meter can have reached its total during the pause.
    const changes = { ...ended, ...(await nextColumns(tx, before, from)), dueAt: isoOf(now) };
    return recordStep(tx, ctx.meta, before, { step: "resume", isAutomatic: false, changes });
  });
}

/** Skips one occurrence. The series keeps its rhythm. */
export async function skipOccurrence(ctx: Context, input: SkipOccurrenceInput): Promise<PlanRow> {
  const id = decodeId("maintenancePlan", input.planId, "input.planId");
  assertReason(input.reason);
  const { plannedAt, total } = input;
  if (typeof plannedAt === "string" ? typeof total === "string" : typeof total !== "string")
    throw new BadUserInput([{ path: "input.plannedAt", message: "Give exactly one of plannedAt and total." }]);
  return ctx.inTenant(async (tx) => {
    const row = await lockPlanAt(tx, ctx.viewer, id);
    assertNotEnded(row);
    if (typeof plannedAt === "string") await skipTime(tx, ctx, row, { plannedAt, reason: input.reason });
    else await skipTotal(tx, ctx, row, { total: total ?? "", reason: input.reason });
    return lockPlanAt(tx, ctx.viewer, id);
  });
}

interface Skip {
  readonly plannedAt: string;
  readonly reason: string;
}

async function skipTime(tx: Tx, ctx: Context, row: PlanRow, { plannedAt, reason }: Skip): Promise<void> {
  const now = await tenantNow(tx);
  const at = await assertOpen(tx, row, plannedAt, now);
  await decide(tx, ctx, row, { plannedAt: at, status: "SKIPPED", reason, now });
  const payload = { name: row.name, cause: "CALENDAR" as const, plannedAt: at, total: null };
  await tell(tx, ctx.meta, row, { type: "maintenancePlan.occurrence_skipped", payload });
  await replan(tx, row, now);
}

async function skipTotal(tx: Tx, ctx: Context, row: PlanRow, { total, reason }: { total: string; reason: string }): Promise<void> {
  const wanted = parseQuantity(total, "input.total");
  const terms = meterTermsOf(row);
  if (terms === null) throw new BadUserInput([{ path: "input.total", message: "The maintenance plan has no meter." }]);
  if (wanted !== terms.nextTotal) {
    const message = `${total} is not the next planned total, which is ${toDecimal(terms.nextTotal)}.`;
    throw new BadUserInput([{ path: "input.total", message }]);
  }
  const plannedAt = isoOf(await tenantNow(tx));
  const base = { tenantId: row.tenantId, id: newId(), planId: row.id, cause: "METER", createdAt: plannedAt, decidedBy: ctx.viewer.userId };
  await recordOccurrences(tx, [{ ...base, plannedAt, total: toDecimal(wanted), status: "SKIPPED", reason }]);
  await keepProgress(tx, row.id, { nextTotal: totalAfter(terms, await latestTotalOf(tx, terms.meterId)) });
  const payload = { name: row.name, cause: "METER" as const, plannedAt, total: Number(toDecimal(wanted)) };
  await tell(tx, ctx.meta, row, { type: "maintenancePlan.occurrence_skipped", payload });
  await audit(tx, ctx, row, "skip", { total: toDecimal(wanted), reason });
}

/** Shifts one occurrence to another time. The series keeps its rhythm. */
export async function shiftOccurrence(ctx: Context, input: ShiftOccurrenceInput): Promise<PlanRow> {
  const id = decodeId("maintenancePlan", input.planId, "input.planId");
  assertReason(input.reason);
  return ctx.inTenant(async (tx) => {
    const row = await lockPlanAt(tx, ctx.viewer, id);
    assertNotEnded(row);
    const now = await tenantNow(tx);
    const plannedAt = await assertOpen(tx, row, input.plannedAt, now);
    const startsAt = assertBetween(row, Date.parse(plannedAt), Date.parse(input.to), now);
    await decide(tx, ctx, row, { plannedAt, status: "SHIFTED", startsAt, reason: input.reason, now });
    const payload = { name: row.name, cause: "CALENDAR" as const, plannedAt, total: null, startsAt };
    await tell(tx, ctx.meta, row, { type: "maintenancePlan.occurrence_shifted", payload });
    await replan(tx, row, now);
    return lockPlanAt(tx, ctx.viewer, id);
  });
}

/** Returns the planned time, whose request has not been created. @throws BadUserInput */
async function assertOpen(tx: Tx, row: PlanRow, given: string, now: number): Promise<string> {
  const at = Date.parse(given);
  const plan = calendarOf(row);
  const refuse = (message: string): BadUserInput => new BadUserInput([{ path: "input.plannedAt", message }]);
  const next = plan && nextOccurrence(plan, at - 1);
  if (next?.plannedAt !== at)
    throw refuse(`Nothing is planned at ${given}.${next ? ` The next planned time is ${isoOf(next.plannedAt)}.` : ""}`);
  const known = await findOccurrenceAt(tx, row.id, isoOf(at));
  if (known !== null && known.status !== "SHIFTED") throw refuse(`The occurrence planned at ${given} is ${known.status} already.`);
  if (known === null && at <= now) throw refuse(`${given} is not in the future. It is ${isoOf(now)} now.`);
  return isoOf(at);
}

/** Between the planned times before and after, so that occurrences keep their order. @throws BadUserInput */
function assertBetween(row: PlanRow, plannedAt: number, to: number, now: number): string {
  const refuse = (message: string): BadUserInput => new BadUserInput([{ path: "input.to", message }]);
  if (to <= now) throw refuse(`${isoOf(to)} is not in the future. It is ${isoOf(now)} now.`);
  const plan = calendarOf(row);
  const [before, after] = plan ? [nextOccurrence(plan, to - 1), nextOccurrence(plan, plannedAt)] : [null, null];
  if (after !== null && to >= after.plannedAt)
    throw refuse(`The next occurrence is planned at ${isoOf(after.plannedAt)}. Choose an earlier time.`);
  if (to < plannedAt && before !== null && before.plannedAt < plannedAt)
    throw refuse(`Another occurrence is planned between that time and ${isoOf(plannedAt)}. Choose a later time.`);
  return isoOf(to);
}

interface Decision {
  readonly plannedAt: string;
  readonly status: "SKIPPED" | "SHIFTED";
  readonly startsAt?: string;
  readonly reason: string;
  readonly now: number;
}

async function decide(tx: Tx, ctx: Context, row: PlanRow, { plannedAt, status, startsAt, reason, now }: Decision): Promise<void> {
  const base = {
    tenantId: row.tenantId,
    id: newId(),
    planId: row.id,
    cause: "CALENDAR",
    createdAt: isoOf(now),
    decidedBy: ctx.viewer.userId,
  };
  await recordOccurrences(tx, [{ ...base, plannedAt, status, reason, startsAt: startsAt ?? null }]);
  await audit(tx, ctx, row, status === "SKIPPED" ? "skip" : "shift", { plannedAt, ...(startsAt && { startsAt }), reason });
}

const audit = (tx: Tx, ctx: Context, row: PlanRow, step: "skip" | "shift", after: Record<string, string>): Promise<void> =>
  writeAudit(tx, ctx.meta, [
    { action: `maintenancePlan.${step}`, entityType: "maintenancePlan", entityId: row.id, before: null, after: { id: row.id, ...after } },
  ]);

/** The next planned time can be another one, or take place at another time. */
async function replan(tx: Tx, row: PlanRow, now: number): Promise<void> {
  const from = row.nextPlannedAt === null ? now : Date.parse(row.nextPlannedAt) - 1;
  const next = await nextColumns(tx, row, from);
  await keepProgress(tx, row.id, { ...next, dueAt: row.status === "ACTIVE" ? isoOf(now) : null });
}

function assertNotEnded(row: PlanRow): void {
  if (row.status === "ENDED")
    throw new Conflict(`The maintenance plan ${quote(row.name)} has ended. Nothing is planned.`, { currentVersion: row.version });
}

function assertReason(reason: string): void {
  const problems = textProblems("input.reason", reason, { max: 1_000, hasLines: true });
  if (problems.length > 0) throw new BadUserInput(problems);
}
