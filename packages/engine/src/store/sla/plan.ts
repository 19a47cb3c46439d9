/** Plans what an outcome changes for the clocks and escalations of an instance, without a transaction: from what was read for a batch. */
import type { AnyNewEvent } from "@weft/platform/events";
import type { Machine } from "../../core/model/machine.js";
import type { SlaWrites } from "../outcome/sla-writes.js";
import { inCachedSlaCalendars } from "./calendars.js";
import { followingRuns, runsAfter } from "./chains.js";
import { chainRows, type RunWrite } from "./chains.store.js";
import { clockRows, toClock } from "./clocks.store.js";
import { calendarKeysOf, changedClocks, clocksOf, factsOf, titlesOf, type ClockChange } from "./keep.js";
import { recordEvent } from "./events.js";
import type { SlaRead } from "./sla.store.js";
import { isAnnounced } from "./notified.js";
import { termsSource, type TermsSettings } from "./terms-source.js";

export type SlaPlan = { readonly sla: SlaWrites; readonly events: readonly AnyNewEvent[] };

type Planning = ClockChange & { readonly machine: Machine; readonly read: SlaRead; readonly settings: TermsSettings };

/**
 * Returns what `keepClocks` would write for a single outcome that is no migration and no rollback. Null: that needs more than was read, a calendar or the
 * users whom a warning notifies.
 */
export function planClocks(planning: Planning): SlaPlan | null {
  const { machine, head: before, writes, outcomes, read, settings } = planning;
  const head = writes.at(-1)?.instance ?? before;
  const stored = read.clocks.map(toClock);
  const calendarOf = inCachedSlaCalendars(calendarKeysOf(stored));
  if (!calendarOf) return null;
  const terms = termsSource(head, machine.showId, settings);
  const clocks = machine.slas.size === 0 ? [] : clocksOf({ machine, head, stored, facts: factsOf(planning) }, { terms, calendarOf });
  const changed = changedClocks({ head, clocks, stored, calendarOf, calendars: terms.used, titleOf: titlesOf(machine) });
  if (changed.events.some(isAnnounced)) return null;
  const following = followingRuns(machine, head, { clocks: changed.rows.map(({ row }) => row), calendarOf, stored: read.runs });
  const running = withWritten(read, following).filter(({ endedAt }) => endedAt === null);
  const own = machine.escalations.size === 0 ? [] : runsAfter({ ...planning, head, stored: running });
  const at = outcomes.at(-1)?.at ?? head.updatedAt;
  return {
    sla: { ...clockRows(changed), ...chainRows({ id: head.id, version: head.version, at }, [...following, ...own]) },
    events: [...changed.events.map(({ event }) => event), ...(changed.rows.length > 0 ? [recordEvent(head, changed.rows, null)] : [])],
  };
}

function withWritten({ runs }: SlaRead, writes: readonly RunWrite[]): RunWrite["row"][] {
  const written = new Map(writes.map(({ row }) => [row.id, row]));
  return [...runs.filter(({ id }) => !written.has(id)), ...written.values()];
}
