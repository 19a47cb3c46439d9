/** Events of clocks, and what they announce. */
import type { AnyNewEvent } from "@weft/platform/events";
import type { InstanceClock } from "../../core/sla/decide.js";
import { changeTo, type SlaEntry, type SlaPhase } from "../../core/sla/ledger.js";
import { type Announced, reachedBefore } from "../../core/sla/announcements.js";
import { businessOf } from "../outcome/events.js";
import type { InstanceHead } from "../model/instance-head.js";
import type { ClockRow } from "./clocks.store.js";

type ClockEventType = "sla.paused" | "sla.resumed" | "sla.changed" | "sla.met" | "sla.missed" | "sla.warning" | "sla.breached";

/** The event of a clock, as it is in its row. */
export function clockEvent(
  head: InstanceHead,
  row: ClockRow,
  type: ClockEventType,
  fact: { readonly cause: string | null; readonly consumed: number },
): AnyNewEvent {
  return {
    type,
    subjectId: head.id,
    subjectVersion: head.version,
    related: { ...businessOf(head), ...(row.taskId !== null && { task: row.taskId }) },
    payload: {
      clockId: row.id,
      instanceId: head.id,
      taskId: row.taskId,
      definitionKey: head.definitionKey,
      sla: row.title,
      cause: fact.cause,
      dueAt: row.dueAt,
      targetSeconds: row.targetSeconds,
      remainingSeconds: row.targetSeconds - fact.consumed,
    },
  };
}

export type WrittenClock = { readonly row: ClockRow; readonly clock: InstanceClock };

/** The event from which the ledgers can be counted again: what changed and why, without anything that was counted. */
export function recordEvent(head: InstanceHead, written: readonly WrittenClock[], recomputationId: string | null): AnyNewEvent {
  return {
    type: "sla.recorded",
    subjectId: head.id,
    subjectVersion: head.version,
    related: businessOf(head),
    payload: {
      instanceId: head.id,
      definitionKey: head.definitionKey,
      recomputationId,
      clocks: written.map(({ row, clock }) => ({
        clockId: row.id,
        taskId: row.taskId,
        rule: row.rule,
        sla: row.title,
        basis: row.basis,
        pausedFor: clock.pausedFor,
        isPausedByHand: row.isPausedByHand,
        position: row.entries - clock.newEntries.length + 1,
        changes: clock.newEntries.map(({ phase, cause, at, by, terms }) => ({
          to: changeTo(phase),
          cause,
          at,
          userId: by,
          targetSeconds: terms.target,
          warnSeconds: [...terms.warn],
          calendarKey: terms.calendar,
        })),
      })),
    },
  };
}

type ClockChange = {
  readonly before: ClockRow | null;
  readonly after: ClockRow;
  readonly newEntries: readonly SlaEntry[];
  /** Before the change. */
  readonly announced: Announced;
};

/** Events of the newest entries. A warning or a breach that was reached before them, but not announced, comes first. */
export function eventsOfClock(head: InstanceHead, { before, after, newEntries, announced }: ClockChange): AnyNewEvent[] {
  const [first] = newEntries;
  const consumed = first?.consumed ?? 0;
  const phase = (before?.phase ?? null) as SlaPhase | null;
  const found = reachedBefore(
    { ...announced, phase, dueAt: before?.dueAt ?? null },
    { warnedSeconds: after.toldSeconds, isBreachAnnounced: after.isBreachTold },
    first,
  );
  const row = found?.isEarlier && before ? before : after;
  const reached = found
    ? [clockEvent(head, row, found.reached === "BREACH" ? "sla.breached" : "sla.warning", { cause: null, consumed })]
    : [];
  const changes = newEntries.flatMap((entry, index): AnyNewEvent[] => {
    const type = typeOf(entry, index === 0 ? (before?.phase ?? null) : (newEntries[index - 1]?.phase ?? null));
    return type ? [clockEvent(head, after, type, entry)] : [];
  });
  return [...reached, ...changes];
}

function typeOf({ phase, cause }: SlaEntry, previous: string | null): ClockEventType | null {
  if (phase === "MET") return "sla.met";
  if (phase === "MISSED") return "sla.missed";
  if (phase === "PAUSE" && previous !== "PAUSE") return "sla.paused";
  if (phase === "RUN" && previous !== null && previous !== "RUN") return "sla.resumed";
  return cause === "PRIORITY_CHANGE" || cause === "POLICY_CHANGE" || cause === "CALENDAR_CHANGE" || cause === "MIGRATION"
    ? "sla.changed"
    : null;
}
