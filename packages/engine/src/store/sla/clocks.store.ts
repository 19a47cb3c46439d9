/** Reads and writes the clocks of instances, with their entries. */
import { sla } from "@weft/drizzle";
import { named, newId, type Tx } from "@weft/shared";
import { and, asc, eq, sql } from "drizzle-orm";
import type { WorkCalendar } from "../../core/model/calendar.js";
import type { InstanceClock } from "../../core/sla/decide.js";
import { hasEnded, momentsOf, wholeSeconds, type CalendarOf, type SlaCause, type SlaPhase } from "../../core/sla/ledger.js";
import { announce, nextAnnouncement, type Reached, type Told } from "../../core/sla/told.js";

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
  const before = { told: row.toldSeconds, isBreachTold: row.isBreachTold };
  const { told, reached, breachedAt, nextAt } = announce(toClock(row).clock, before, consumed, calendarOf);
  return { reached, row: { toldSeconds: told.told, isBreachTold: told.isBreachTold, breachedAt, nextAt } };
}

export type ClockToWrite = { readonly clock: InstanceClock; readonly row: ClockRow | null; readonly title: string; readonly told: Told };

/** Returns the row of a clock after its newest entry. */
export function rowOf(owner: ClockOwner, { clock: one, row, title, told }: ClockToWrite, calendarOf: CalendarOf): ClockRow {
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
    toldSeconds: told.told,
    isBreachTold: told.isBreachTold,
    nextAt: moments ? nextAnnouncement(moments, told) : null,
    entries: (row?.entries ?? 0) + one.newEntries.length,
  };
}

type ClocksToWrite = {
  readonly rows: readonly { readonly row: ClockRow; readonly clock: InstanceClock }[];
  readonly calendars: ReadonlyMap<string, WorkCalendar | null>;
  /** UUID of the recomputation that changes them. */
  readonly recomputationId: string | undefined;
};

/** Writes clocks with their new entries, and the calendars that they are counted with, in one statement each. */
export async function writeClocks(tx: Tx, { rows, calendars, recomputationId }: ClocksToWrite): Promise<void> {
  if (rows.length === 0) return;
  const [first] = rows;
  const keys = [...calendars].map(([key, calendar]) => ({ key, calendar }));
  if (keys.length > 0)
    await tx.execute(
      named(
        "writeSlaCalendars",
        sql`insert into workflows.sla_calendars (tenant_id, key, calendar, created_at)
          select app.tenant(), n.key, nullif(n.calendar, 'null'::jsonb), app.weft_now()
            from jsonb_to_recordset(${JSON.stringify(keys)}::text::jsonb) as n(key text, calendar jsonb)
          on conflict on constraint sla_calendars_pkey do nothing`,
      ),
    );
  // Clocks that end come first: another one of the same rule can begin in the same change.
  const ordered = rows.toSorted((a, b) => Number(a.row.endedAt === null) - Number(b.row.endedAt === null));
  const entries = rows.flatMap(({ row, clock }) =>
    clock.newEntries.map((entry, index) => ({
      clock_id: row.id,
      position: row.entries - clock.newEntries.length + index + 1,
      phase: entry.phase,
      cause: entry.cause,
      from_at: entry.at,
      consumed_seconds: entry.consumed,
      target_seconds: entry.terms.target,
      warn_seconds: entry.terms.warn,
      calendar_key: entry.terms.calendar,
      actor_id: entry.by,
      reason: entry.reason,
    })),
  );
  const written = ordered.map(({ row }) => ({ ...row, warnSeconds: row.warnSeconds }));
  await tx.execute(
    named(
      "writeSlaClocks",
      sql`with clocks as (
          insert into workflows.sla_clocks (tenant_id, id, instance_id, task_id, definition_key, rule, title, phase, paused_for, is_paused_by_hand, basis,
            calendar_key, target_seconds, warn_seconds, consumed_seconds, entered_at, started_at, due_at, warn_at, breached_at, ended_at, told_seconds,
            is_breach_told, next_at, entries)
          select app.tenant(), n.id, n."instanceId", n."taskId", n."definitionKey", n.rule, n.title, n.phase, n."pausedFor", n."isPausedByHand", n.basis,
            n."calendarKey", n."targetSeconds", n."warnSeconds", n."consumedSeconds", n."enteredAt", n."startedAt", n."dueAt", n."warnAt", n."breachedAt",
            n."endedAt", n."toldSeconds", n."isBreachTold", n."nextAt", n.entries
          from rows from (jsonb_to_recordset(${JSON.stringify(written)}::text::jsonb) as (id uuid, "instanceId" uuid, "taskId" uuid, "definitionKey" text,
            rule text, title text, phase text, "pausedFor" text, "isPausedByHand" boolean, basis text, "calendarKey" text, "targetSeconds" integer,
            "warnSeconds" integer[], "consumedSeconds" integer, "enteredAt" timestamptz, "startedAt" timestamptz, "dueAt" timestamptz, "warnAt" timestamptz,
            "breachedAt" timestamptz, "endedAt" timestamptz, "toldSeconds" integer, "isBreachTold" boolean, "nextAt" timestamptz, entries integer))
            with ordinality as n(id, "instanceId", "taskId", "definitionKey", rule, title, phase, "pausedFor", "isPausedByHand", basis, "calendarKey",
            "targetSeconds", "warnSeconds", "consumedSeconds", "enteredAt", "startedAt", "dueAt", "warnAt", "breachedAt", "endedAt", "toldSeconds",
            "isBreachTold", "nextAt", entries, place)
          order by n.place
          on conflict on constraint sla_clocks_pkey do update
            set title = excluded.title, phase = excluded.phase, paused_for = excluded.paused_for, is_paused_by_hand = excluded.is_paused_by_hand,
                basis = excluded.basis, calendar_key = excluded.calendar_key, target_seconds = excluded.target_seconds, warn_seconds = excluded.warn_seconds,
                consumed_seconds = excluded.consumed_seconds, entered_at = excluded.entered_at, due_at = excluded.due_at, warn_at = excluded.warn_at,
                breached_at = excluded.breached_at, ended_at = excluded.ended_at, told_seconds = excluded.told_seconds,
                is_breach_told = excluded.is_breach_told, next_at = excluded.next_at, entries = excluded.entries)
        insert into workflows.sla_intervals (tenant_id, clock_id, position, instance_id, phase, cause, from_at, consumed_seconds, target_seconds,
          warn_seconds, calendar_key, actor_id, reason, recomputation_id)
        select app.tenant(), e.clock_id, e.position, ${first?.row.instanceId}::uuid, e.phase, e.cause, e.from_at, e.consumed_seconds, e.target_seconds,
          e.warn_seconds, e.calendar_key, e.actor_id, e.reason, ${recomputationId ?? null}::uuid
          from jsonb_to_recordset(${JSON.stringify(entries)}::text::jsonb) as e(clock_id uuid, position integer, phase text, cause text,
            from_at timestamptz, consumed_seconds integer, target_seconds integer, warn_seconds integer[], calendar_key text, actor_id uuid, reason text)`,
    ),
  );
}
