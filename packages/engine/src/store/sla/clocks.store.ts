/** Reads and writes the clocks of instances, with their entries. */
import { sla } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq } from "drizzle-orm";
import type { WorkCalendar } from "../../core/model/calendar.js";
import type { InstanceClock } from "../../core/sla/decide.js";
import { hasEnded, momentsOf, wholeSeconds, type CalendarOf, type SlaCause, type SlaPhase } from "../../core/sla/ledger.js";
import { announce, nextAnnouncement, type Announced, type Reached } from "../../core/sla/announcements.js";
import type { SlaWrites } from "../outcome/sla-writes.js";
import { writeSla } from "./sla.store.js";

const { slaClocks, slaIntervals } = sla;

export type ClockRow = typeof slaClocks.$inferSelect;

/** A clock with its row; null: not stored yet. */
export type StoredClock = InstanceClock & { readonly row: ClockRow | null };

/** Returns all clocks of an instance, oldest first. `lock` keeps others from changing them until the transaction ends. */
export async function selectClocks(tx: Tx, instanceId: string, { lock }: { readonly lock: boolean }): Promise<ClockRow[]> {
  const query = tx
    .select()
    .from(slaClocks)
    .where(eq(slaClocks.instanceId, instanceId))
    .orderBy(asc(slaClocks.startedAt), asc(slaClocks.id));
  return named("selectSlaClocks", lock ? query.for("update") : query);
}

/** Returns why the canceled clocks of an instance were canceled, by ID of the clock. */
export async function selectCancelCauses(tx: Tx, instanceId: string): Promise<ReadonlyMap<string, SlaCause>> {
  const newest = and(
    eq(slaIntervals.tenantId, slaClocks.tenantId),
    eq(slaIntervals.clockId, slaClocks.id),
    eq(slaIntervals.position, slaClocks.entries),
  );
  const rows = await named(
    "selectSlaCancelCauses",
    tx
      .select({ id: slaClocks.id, cause: slaIntervals.cause })
      .from(slaClocks)
      .innerJoin(slaIntervals, newest)
      .where(and(eq(slaClocks.instanceId, instanceId), eq(slaClocks.phase, "CANCELLED"))),
  );
  return new Map(rows.map(({ id, cause }) => [id, cause as SlaCause]));
}

/** Returns the row as the core reads it. */
export function toClock(row: ClockRow): StoredClock {
  return {
    row,
    id: row.id,
    rule: row.rule,
    taskId: row.taskId,
    pausedFor: row.pausedFor as SlaCause | null,
    isPausedByHand: row.isPausedByHand,
    basis: row.basis,
    newEntries: [],
    clock: {
      startedAt: wholeSeconds(row.startedAt),
      breachedAt: row.breachedAt === null ? null : wholeSeconds(row.breachedAt),
      entry: {
        phase: row.phase as SlaPhase,
        // Only a migration needs the cause of an entry that is stored, and reads it.
        cause: "START",
        at: wholeSeconds(row.enteredAt),
        consumed: row.consumedSeconds,
        terms: { target: row.targetSeconds, warn: row.warnSeconds, calendar: row.calendarKey },
        by: null,
        reason: null,
      },
    },
  };
}

export type ClockOwner = { readonly tenantId: string; readonly instanceId: string; readonly definitionKey: string };

/** What an announcement changes in the row of a clock that has consumed so much, and what it announces. */
export function announcedRow(
  row: ClockRow,
  consumed: number,
  calendarOf: CalendarOf,
): {
  readonly reached: Reached | null;
  readonly row: Pick<ClockRow, "toldSeconds" | "isBreachTold" | "breachedAt" | "nextAt">;
} {
  const before = { warnedSeconds: row.toldSeconds, isBreachAnnounced: row.isBreachTold };
  const { announced, reached, breachedAt, nextAt } = announce(toClock(row).clock, before, consumed, calendarOf);
  return { reached, row: { toldSeconds: announced.warnedSeconds, isBreachTold: announced.isBreachAnnounced, breachedAt, nextAt } };
}

export type ClockToWrite = {
  readonly clock: InstanceClock;
  readonly row: ClockRow | null;
  readonly title: string;
  readonly announced: Announced;
};

/** Returns the row of a clock after its newest entry. */
export function rowOf(owner: ClockOwner, { clock: one, row, title, announced }: ClockToWrite, calendarOf: CalendarOf): ClockRow {
  const { entry, startedAt, breachedAt } = one.clock;
  const moments = momentsOf(one.clock, calendarOf);
  const [firstWarning] = entry.terms.warn;
  const isWarned = firstWarning !== undefined && entry.consumed >= firstWarning;
  // It was predicted by the earlier terms: by the new ones, the warning may be reached before it.
  const predicted = row?.warnAt !== null && row?.warnAt !== undefined && isWarned ? wholeSeconds(row.warnAt) : null;
  const earlier = predicted !== null && predicted <= entry.at ? predicted : null;
  const dueAt = moments ? moments.dueAt : breachedAt;
  return {
    tenantId: owner.tenantId,
    id: one.id ?? row?.id ?? newId(),
    instanceId: owner.instanceId,
    taskId: one.taskId,
    definitionKey: owner.definitionKey,
    rule: one.rule,
    title,
    phase: entry.phase,
    pausedFor: entry.phase === "PAUSE" ? one.pausedFor : null,
    isPausedByHand: one.isPausedByHand,
    basis: one.basis,
    calendarKey: entry.terms.calendar,
    targetSeconds: entry.terms.target,
    warnSeconds: [...entry.terms.warn],
    consumedSeconds: entry.consumed,
    enteredAt: entry.at,
    startedAt,
    dueAt,
    warnAt: isWarned ? (earlier ?? entry.at) : (moments?.warnings[0]?.at ?? null),
    breachedAt,
    endedAt: hasEnded(one.clock) ? entry.at : null,
    toldSeconds: announced.warnedSeconds,
    isBreachTold: announced.isBreachAnnounced,
    nextAt: moments ? nextAnnouncement(moments, announced) : null,
    entries: (row?.entries ?? 0) + one.newEntries.length,
  };
}

type ClocksToWrite = {
  readonly rows: readonly { readonly row: ClockRow; readonly clock: InstanceClock }[];
  readonly calendars: ReadonlyMap<string, WorkCalendar | null>;
  /** UUID of the recomputation that changes them. */
  readonly recomputationId?: string | undefined;
};

/** Writes clocks with their new entries, and the calendars that they are counted with, in one statement. */
export async function writeClocks(tx: Tx, toWrite: ClocksToWrite): Promise<void> {
  if (toWrite.rows.length > 0) await writeSla(tx, "writeSlaClocks", clockRows(toWrite));
}

/** Returns clocks as `engine.write_clocks` takes them. */
export function clockRows({ rows, calendars, recomputationId }: ClocksToWrite): SlaWrites {
  const intervals = rows.flatMap(({ row, clock }) =>
    clock.newEntries.map((entry, index) => ({
      clockId: row.id,
      instanceId: row.instanceId,
      position: row.entries - clock.newEntries.length + index + 1,
      phase: entry.phase,
      cause: entry.cause,
      fromAt: entry.at,
      consumedSeconds: entry.consumed,
      targetSeconds: entry.terms.target,
      warnSeconds: entry.terms.warn,
      calendarKey: entry.terms.calendar,
      actorId: entry.by,
      reason: entry.reason,
      recomputationId,
    })),
  );
  return {
    calendars: [...calendars].map(([key, calendar]) => ({ key, calendar })),
    clocks: rows.map(({ row }) => row),
    intervals,
  };
}
