import { Forbidden } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { hasPermission, type Viewer } from "@weft/shared/viewer";
import { chaos } from "@weft/platform/chaos";
import type { Tx } from "@weft/platform/db";
import { attachFilesOf } from "@weft/platform/files";
import type { PersonKeyring } from "@weft/platform/privacy";
import type { Numbering } from "@weft/api/numbers";
import { isoOf, isRun, missedFrom, type MissedPolicy, nextOccurrence, type Occurrence } from "@weft/api/timing";
import { latestTotalOf } from "../../meters/meter.service.js";
import { toDecimal } from "../../meters/quantity.js";
import { getRequestTypeWithId } from "../../request-types/request-type.service.js";
import { createDraft } from "../../requests/create-request.service.js";
import { submitDraft } from "../../requests/request.service.js";
import { findDecided, findOccurrenceAt, type NewOccurrence, recordOccurrences } from "../occurrence.store.js";
import { metaOf, tell } from "../plan.events.js";
import { nextColumns, permissionsFor } from "../plan.service.js";
import { keepProgress, type NewPlan, type PlanRow } from "../plan.store.js";
import { calendarOf, isReached, meterTermsOf, totalAfter } from "../planned.js";

/** Missed occurrences that one transaction records. */
const MISSED_PER_STEP = 500;

/** The occurrence of a step: of a planned time, or of a planned total. */
export interface Due {
  readonly cause: "CALENDAR" | "METER";
  readonly plannedAt: string;
  readonly total: string | null;
}

export interface Step {
  /** Locked. */
  readonly row: PlanRow;
  /** The tenant's time, in milliseconds. */
  readonly now: number;
  /** The owner with their current rights. Null if the owner can no longer act. */
  readonly viewer: Viewer | null;
  readonly keyring: PersonKeyring;
  /** Time zone of the organization. */
  readonly numbering: Numbering;
  /** Called before a request is created, so that its failure can be recorded. */
  readonly onStarting: (due: Due) => void;
}

/**
 * Takes one step of a due plan: creates one request, or records missed occurrences. If nothing is left to do, sets when the plan is due next. In each
 * case the plan has changed, so repeated steps come to an end.
 */
export async function takeStep(tx: Tx, step: Step): Promise<void> {
  const { row, now } = step;
  if (row.nextPlannedAt !== null && row.nextRunAt !== null && Date.parse(row.nextRunAt) <= now)
    return takeCalendar(tx, step, { plannedAt: Date.parse(row.nextPlannedAt), startsAt: Date.parse(row.nextRunAt) });
  const terms = meterTermsOf(row);
  const total = terms && (await latestTotalOf(tx, terms.meterId));
  if (terms !== null && isReached(terms, total))
    return generate(tx, step, { cause: "METER", plannedAt: isoOf(now), total: toDecimal(terms.nextTotal) });
  const isOver = row.nextRunAt === null && terms === null;
  await keepProgress(tx, row.id, { dueAt: row.nextRunAt, ...(isOver && { status: "ENDED" }) });
}

async function takeCalendar(tx: Tx, step: Step, due: Occurrence): Promise<void> {
  const { row, now } = step;
  const plan = calendarOf(row);
  if (plan === null) throw new Error("A planned time without a calendar.");
  const policy: MissedPolicy = { missedRuns: row.missedRuns as MissedPolicy["missedRuns"], catchUpSeconds: row.catchUpSeconds };
  const isShifted = due.startsAt !== due.plannedAt;
  const decided = await findDecided(tx, [row.id]);
  const apart = new Set(decided.map(({ plannedAt }) => Date.parse(plannedAt)));
  const { missed } = isShifted
    ? { missed: isRun(due, nextOccurrence(plan, due.plannedAt), now, policy) ? [] : [due] }
    : missedFrom(plan, { due, now, policy, limit: MISSED_PER_STEP, apart });
  const last = missed.at(-1);
  if (last === undefined) return generate(tx, step, { cause: "CALENDAR", plannedAt: isoOf(due.plannedAt), total: null });
  await recordOccurrences(
    tx,
    missed.map(({ plannedAt }) => occurrence(step, { cause: "CALENDAR", plannedAt: isoOf(plannedAt), total: null, status: "MISSED" })),
  );
  const payload = { name: row.name, plannedAt: isoOf(due.plannedAt), count: missed.length };
  await tell(tx, metaOf(row, step.keyring), row, { type: "maintenancePlan.occurrences_missed", payload });
  await keepProgress(tx, row.id, { ...(await nextColumns(tx, row, last.plannedAt)), dueAt: isoOf(now) });
}

export const occurrence = (
  { row, now }: Pick<Step, "row" | "now">,
  given: Pick<NewOccurrence, "cause" | "plannedAt" | "status"> & Partial<NewOccurrence>,
): NewOccurrence => ({ tenantId: row.tenantId, id: newId(), planId: row.id, createdAt: isoOf(now), ...given });

/** Creates the request of an occurrence, in the transaction that records the occurrence. */
async function generate(tx: Tx, step: Step, due: Due): Promise<void> {
  const { row, now, keyring, numbering, onStarting } = step;
  onStarting(due);
  const viewer = assertOwnerCan(step);
  const writer = { viewer, meta: metaOf(row, keyring) };
  const { key: typeKey } = await getRequestTypeWithId(tx, viewer, row.typeId);
  const takesPlaceAt = due.cause === "CALENDAR" ? (row.nextRunAt ?? due.plannedAt) : due.plannedAt;
  const dueAt = row.dueInSeconds === null ? null : isoOf(Date.parse(takesPlaceAt) + row.dueInSeconds * 1_000);
  const { data, buildingId, assetId, priority, tags } = row;
  // Without a space of its own, a request is about the asset's current one.
  const place = { buildingId, assetId, spaceId: row.spaceId ?? undefined };
  const requestId = await createDraft(tx, writer, { typeKey, data, place, numbering, priority, dueAt, tags });
  await attachFilesOf(tx, writer, row.id, { type: "request", id: requestId });
  await submitDraft(tx, writer, requestId);
  chaos("maintenance.created");
  await recordOccurrences(tx, [occurrence(step, { ...due, status: "GENERATED", requestId })]);
  const payload = { name: row.name, ...due, total: due.total === null ? null : Number(due.total), requestId };
  await tell(tx, writer.meta, row, { type: "maintenancePlan.occurrence_generated", payload, related: { request: requestId } });
  await keepProgress(tx, row.id, { ...(await progress(tx, { row, now }, due)), failuresInRow: 0 });
  chaos("maintenance.recorded");
}

/**
 * Returns the columns after an occurrence. By whichever comes first: an occurrence by the meter takes the place of the next planned time, and after one by
 * the calendar, the meter counts from its current total.
 */
export async function progress(tx: Tx, step: Pick<Step, "row" | "now">, due: Due): Promise<Partial<NewPlan>> {
  const { row, now } = step;
  const terms = meterTermsOf(row);
  const total = terms && (await latestTotalOf(tx, terms.meterId));
  const dueAt = isoOf(now);
  if (due.cause === "CALENDAR") {
    const nextTotal = terms === null ? {} : { nextTotal: toDecimal((total ?? 0n) + terms.every) };
    return { ...(await nextColumns(tx, row, Date.parse(due.plannedAt))), ...nextTotal, dueAt };
  }
  if (terms === null) throw new Error("A planned total without a meter.");
  const replaced = await replaceNext(tx, step);
  return { ...replaced, nextTotal: totalAfter(terms, total), dueAt };
}

/** Skips the next planned time, unless it is skipped already. */
async function replaceNext(tx: Tx, step: Pick<Step, "row" | "now">): Promise<Partial<NewPlan>> {
  const { row, now } = step;
  const plan = calendarOf(row);
  // One whose time has come, but which was shifted, is the next one too.
  const pending = row.nextPlannedAt !== null && Date.parse(row.nextPlannedAt) <= now ? Date.parse(row.nextPlannedAt) : null;
  const next = pending ?? (plan && nextOccurrence(plan, now)?.plannedAt) ?? null;
  if (next === null) return {};
  const plannedAt = isoOf(next);
  const known = await findOccurrenceAt(tx, row.id, plannedAt);
  if (known === null || known.status === "SHIFTED") {
    const message = "An occurrence by the meter took its place.";
    await recordOccurrences(tx, [occurrence(step, { cause: "CALENDAR", plannedAt, total: null, status: "SKIPPED", message })]);
  }
  return nextColumns(tx, row, now);
}

/** @throws Forbidden if the owner can no longer create the requests */
function assertOwnerCan({ row, viewer }: Step): Viewer {
  if (!viewer) throw new Forbidden("The owner of the maintenance plan is no longer active.");
  for (const permission of permissionsFor(row))
    if (!hasPermission(viewer, permission))
      throw new Forbidden(`The owner of the maintenance plan does not have the permission ${permission}.`);
  return viewer;
}
