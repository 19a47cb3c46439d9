/** Counts SLA clocks and their ledgers again from the log of events. */
import type { sla } from "@weft/drizzle";
import type { EventPayload } from "@weft/shared/event-catalog";
import type { InstanceClock } from "../../core/sla/decide.js";
import { changeClock, startClock, type CalendarOf, type SlaCause, type SlaChange, type SlaTerms } from "../../core/sla/ledger.js";
import { announcedAfter } from "../../core/sla/announcements.js";
import { announcedRow, rowOf, type ClockRow } from "./clocks.store.js";

export type IntervalRow = typeof sla.slaIntervals.$inferSelect;

/** Rows of a clock. Reasons are personal, so no event contains them. */
export type ClockRows = { readonly row: ClockRow; readonly intervals: readonly Omit<IntervalRow, "reason">[] };

/** An event of the log from which clocks are counted. */
export type SlaEvent =
  | { readonly type: "sla.recorded"; readonly payload: EventPayload<"sla.recorded"> }
  | { readonly type: "sla.warning" | "sla.breached"; readonly payload: EventPayload<"sla.warning"> };

type Recorded = EventPayload<"sla.recorded">["clocks"][number];
type Counted = { row: ClockRow; one: InstanceClock; intervals: Omit<IntervalRow, "reason">[] };

/** Returns the rows that the events, in the order of the log, result in, by ID of the clock. */
export function recountClocks(tenantId: string, events: readonly SlaEvent[], calendarOf: CalendarOf): Map<string, ClockRows> {
  const clocks = new Map<string, Counted>();
  for (const event of events) {
    if (event.type === "sla.recorded")
      for (const recorded of event.payload.clocks)
        clocks.set(
          recorded.clockId,
          counted({ tenantId, payload: event.payload, recorded, before: clocks.get(recorded.clockId) ?? null, calendarOf }),
        );
    else announced(clocks, event.payload, calendarOf);
  }
  return clocks;
}

type Counting = {
  readonly tenantId: string;
  readonly payload: EventPayload<"sla.recorded">;
  readonly recorded: Recorded;
  readonly before: Counted | null;
  readonly calendarOf: CalendarOf;
};

function counted({ tenantId, payload, recorded, before, calendarOf }: Counting): Counted {
  const { instanceId, definitionKey, recomputationId } = payload;
  let clock = before?.one.clock ?? null;
  const newEntries = recorded.changes.map((change) => {
    const facts = toChange(change);
    clock = clock === null ? startClock(facts) : changeClock(clock, facts, calendarOf);
    return clock.entry;
  });
  if (clock === null) throw new Error(`the event records no change of the SLA clock ${recorded.clockId}`);
  const one: InstanceClock = {
    id: recorded.clockId,
    rule: recorded.rule,
    taskId: recorded.taskId,
    clock,
    pausedFor: recorded.pausedFor as SlaCause | null,
    isPausedByHand: recorded.isPausedByHand,
    basis: recorded.basis,
    newEntries,
  };
  const toWrite = { clock: one, row: before?.row ?? null, title: recorded.sla, announced: announcedAfter(clock) };
  const intervals = newEntries.map((entry, index) => ({
    tenantId,
    clockId: recorded.clockId,
    position: recorded.position + index,
    instanceId,
    phase: entry.phase,
    cause: entry.cause,
    fromAt: entry.at,
    consumedSeconds: entry.consumed,
    targetSeconds: entry.terms.target,
    warnSeconds: [...entry.terms.warn],
    calendarKey: entry.terms.calendar,
    actorId: entry.by,
    recomputationId,
  }));
  return {
    one,
    row: rowOf({ tenantId, instanceId, definitionKey }, toWrite, calendarOf),
    intervals: [...(before?.intervals ?? []), ...intervals],
  };
}

function toChange(change: Recorded["changes"][number]): SlaChange & { readonly terms: SlaTerms } {
  const { to, cause, at, userId, targetSeconds, warnSeconds, calendarKey } = change;
  return { to, cause: cause as SlaCause, at, by: userId, terms: { target: targetSeconds, warn: warnSeconds, calendar: calendarKey } };
}

/** An announcement writes no entry. The next record replaces what it changes, so it changes the row only. */
function announced(
  clocks: Map<string, Counted>,
  { clockId, targetSeconds, remainingSeconds }: EventPayload<"sla.warning">,
  calendarOf: CalendarOf,
): void {
  const known = clocks.get(clockId);
  if (known)
    clocks.set(clockId, { ...known, row: { ...known.row, ...announcedRow(known.row, targetSeconds - remainingSeconds, calendarOf).row } });
}
