/**
 * SLA: keeps the clocks of an instance in the transaction that changes it: reads them, asks the core, and writes them with their entries and events.
 * A definition without SLAs costs nothing.
 * This module never decides when a clock runs, and changes no instance.
 */
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import type { Machine } from "../../core/model/machine.js";
import type { WorkCalendar } from "../../core/model/calendar.js";
import type { Outcome } from "../../core/model/outcome.js";
import { changeFacts, viewedTasks } from "../../core/sla/change-facts.js";
import { clocksAfter, type InstanceClock, type SlaChangeFacts, type SlaView, type SlaRules } from "../../core/sla/decide.js";
import type { CalendarOf } from "../../core/sla/ledger.js";
import { announcedAfter } from "../../core/sla/announcements.js";
import { findMachine } from "../definition/machines.js";
import type { InstanceHead } from "../model/instance-head.js";
import { snapshotOf, type InstanceRead, type OpenTask } from "../model/snapshot.js";
import { withoutVendorScope } from "../model/without-vendor-scope.js";
import type { InstanceWrite } from "../outcome/instance-write.js";
import { ELAPSED, readCalendars } from "./calendars.js";
import { followClocks, keepEscalations } from "./chains.js";
import {
  rowOf,
  selectCancelCauses,
  selectClocks,
  toClock,
  writeClocks,
  type ClockRow,
  type ClockToWrite,
  type StoredClock,
} from "./clocks.store.js";
import { eventsOfClock, recordEvent } from "./events.js";
import { withRecipients, type ClockEvent } from "./notified.js";
import { NEEDS_CONFIGURATION, termsSource, type TermsSource } from "./terms-source.js";

export type ClockChange = {
  readonly machine: Machine | null;
  /** The row before the first outcome. */
  readonly head: InstanceHead;
  readonly isNew?: boolean | undefined;
  readonly openTasks: readonly OpenTask[];
  readonly outcomes: readonly Outcome[];
  readonly writes: readonly InstanceWrite[];
};

/** Brings the clocks and the escalations of an instance to the state after these outcomes, which have been written. */
export async function keepClocks(tx: Tx, meta: WriteMeta, change: ClockChange): Promise<void> {
  await keepSlaClocks(tx, meta, change);
  await keepEscalations(tx, meta, change);
}

async function keepSlaClocks(tx: Tx, meta: WriteMeta, change: ClockChange): Promise<void> {
  const { head, outcomes, writes, isNew = false } = change;
  const migrated = outcomes.some(({ kind }) => kind === "migration");
  const definitionId = writes.at(-1)?.instance.definitionId ?? head.definitionId;
  const machine = change.machine ?? (await findMachine(tx, meta.tenantId, definitionId));
  if (machine ? machine.slas.size === 0 && !migrated : isNew) return;
  await withoutVendorScope(tx, async () => {
    const read = isNew ? [] : (await selectClocks(tx, head.id, { lock: true })).map(toClock);
    const stored = migrated ? await withCancelCauses(tx, head.id, read) : read;
    if (stored.length === 0 && (!machine || machine.slas.size === 0)) return;
    await applyFacts(tx, meta, { machine, head: writes.at(-1)?.instance ?? head, stored, facts: factsOf(change) });
  });
}

/** A migration continues the clocks that an earlier one canceled. */
async function withCancelCauses(tx: Tx, instanceId: string, clocks: StoredClock[]): Promise<StoredClock[]> {
  if (!clocks.some(({ clock }) => clock.entry.phase === "CANCELLED")) return clocks;
  const causes = await selectCancelCauses(tx, instanceId);
  return clocks.map((one) => {
    const { entry } = one.clock;
    return { ...one, clock: { ...one.clock, entry: { ...entry, cause: causes.get(one.id ?? "") ?? entry.cause } } };
  });
}

export type Applying = {
  readonly machine: Machine | null;
  /** After the change. */
  readonly head: InstanceHead;
  readonly stored: readonly StoredClock[];
  readonly facts: readonly SlaChangeFacts[];
};

/** Writes what follows for the clocks from changes in order. */
export async function applyFacts(tx: Tx, meta: WriteMeta, applying: Applying): Promise<void> {
  const { machine, head, stored } = applying;
  const terms = termsSource(head, machine?.showId);
  const calendarOf = await readCalendars(tx, calendarKeysOf(stored));
  let clocks: InstanceClock[];
  try {
    clocks = clocksOf(applying, { terms, calendarOf });
  } catch (error) {
    if (error !== NEEDS_CONFIGURATION) throw error;
    await terms.read(tx);
    clocks = clocksOf(applying, { terms, calendarOf });
  }
  await writeChanged(tx, meta, { head, clocks, stored, calendarOf, calendars: terms.used, titleOf: titlesOf(machine) });
}

/** Keys of the calendars with which stored clocks count. */
export const calendarKeysOf = (stored: readonly StoredClock[]): string[] => [
  ...new Set(stored.map(({ row }) => row?.calendarKey ?? ELAPSED)),
];

export const titlesOf =
  (machine: Machine | null) =>
  (rule: string): string | null =>
    machine?.slas.get(rule)?.title ?? null;

/** Returns the clocks after the changes. @throws NEEDS_CONFIGURATION if terms are needed that have not been read */
export function clocksOf(
  { machine, stored, facts }: Applying,
  { terms, calendarOf }: { readonly terms: TermsSource; readonly calendarOf: CalendarOf },
): InstanceClock[] {
  const rules: SlaRules = { slas: machine?.slas ?? new Map(), showId: machine?.showId, termsOf: terms.termsOf, calendarOf };
  return facts.reduce<InstanceClock[]>((clocks, one) => clocksAfter(rules, clocks, one), [...stored]);
}

type Changed = {
  readonly head: InstanceHead;
  readonly clocks: readonly InstanceClock[];
  readonly stored: readonly StoredClock[];
  readonly calendarOf: CalendarOf;
  readonly calendars: ReadonlyMap<string, WorkCalendar | null>;
  readonly titleOf: (rule: string) => string | null;
  /** UUID of the recomputation that changes them. */
  readonly recomputationId?: string | undefined;
};

/** Writes the clocks that have new entries, and their events. */
export async function writeChanged(tx: Tx, meta: WriteMeta, changed: Changed): Promise<void> {
  const { head, calendarOf, recomputationId } = changed;
  const { rows, events, calendars } = changedClocks(changed);
  if (rows.length === 0) return;
  await writeClocks(tx, { rows, calendars, recomputationId });
  // The record comes last: what it reports replaces what was announced before it.
  const record = recordEvent(head, rows, recomputationId ?? null);
  await appendEvents(tx, meta, [...(await withRecipients(tx, meta.tenantId, events)), record]);
  await followClocks(tx, head, { clocks: rows.map(({ row }) => row), calendarOf });
}

export type ChangedClocks = {
  readonly rows: readonly { readonly row: ClockRow; readonly clock: InstanceClock }[];
  readonly events: readonly ClockEvent[];
  /** Those with which the rows count, by key, as far as terms were computed. */
  readonly calendars: ReadonlyMap<string, WorkCalendar | null>;
};

/** Returns the rows of the clocks that have new entries, and their events. */
export function changedClocks({ head, clocks, stored, calendarOf, calendars, titleOf }: Changed): ChangedClocks {
  const rowsById = new Map(stored.map(({ row }) => [row?.id, row]));
  const rows: { row: ClockRow; clock: InstanceClock }[] = [];
  const events: ClockEvent[] = [];
  for (const clock of clocks.filter(({ newEntries }) => newEntries.length > 0)) {
    const row = (clock.id === undefined ? null : rowsById.get(clock.id)) ?? null;
    const before = { warnedSeconds: row?.toldSeconds ?? 0, isBreachAnnounced: row?.isBreachTold ?? false };
    const announced = announcedAfter(clock.clock);
    const toWrite: ClockToWrite = { clock, row, title: titleOf(clock.rule) ?? row?.title ?? clock.rule, announced };
    const after = rowOf({ tenantId: head.tenantId, instanceId: head.id, definitionKey: head.definitionKey }, toWrite, calendarOf);
    rows.push({ row: after, clock });
    const ofClock = eventsOfClock(head, { before: row, after, newEntries: clock.newEntries, announced: before });
    events.push(...ofClock.map((event) => ({ event, row: after, head })));
  }
  const used = new Set(rows.map(({ row }) => row.calendarKey));
  return { rows, events, calendars: new Map([...calendars].filter(([key]) => used.has(key))) };
}

/** What changed for the clocks of an instance, outcome by outcome. */
export function factsOf({ head, isNew = false, openTasks, outcomes, writes }: ClockChange): SlaChangeFacts[] {
  let tasks = viewedTasks(openTasks);
  let before: SlaView | null = isNew ? null : viewOf(head, tasks);
  return outcomes.map((outcome, index): SlaChangeFacts => {
    const write = writes[index];
    if (!write) throw new Error("an outcome was not written");
    const closed = new Set(outcome.closeTasks.map(({ id }) => id));
    tasks = [...tasks.filter(({ id }) => !closed.has(id)), ...viewedTasks(write.openTasks)];
    const after = viewOf(write.instance, tasks);
    const facts = changeFacts(outcome, { before, after });
    before = after;
    return facts;
  });
}

/** An instance that has been read, as its clocks see it. */
export const viewNow = ({ head, openTasks }: InstanceRead): SlaView => viewOf(head, viewedTasks(openTasks));

/** The instance as its clocks see it. */
const viewOf = (head: InstanceHead, tasks: SlaView["tasks"]): SlaView => ({ ...snapshotOf(head, []), tasks });
