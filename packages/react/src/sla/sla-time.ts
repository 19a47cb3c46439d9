/** What an SLA clock says, with the fields of `slaClockFields`. */
export interface SlaClockFields {
  readonly id: string;
  readonly title: string;
  readonly status: "ON_TRACK" | "WARNING" | "BREACHED" | "PAUSED" | "MET" | "MISSED" | "CANCELLED";
  readonly isBreached: boolean;
  readonly targetSeconds: number;
  readonly consumedSeconds: number;
  readonly remainingSeconds: number;
  readonly dueAt: string | null;
  readonly endedAt: string | null;
}

/** What to select of an SLA clock for `useSlaClock`. */
export const slaClockFields = "id title status isBreached targetSeconds consumedSeconds remainingSeconds dueAt endedAt";

export interface SlaTime {
  readonly isRunning: boolean;
  /** Working time until the target, in ms. Negative after the target. */
  readonly remainingMs: number;
  /**
   * Whether `remainingMs` is exact. Otherwise, time outside of working hours lies before the target, and the client does not know when. Then it is the
   * most that can remain.
   */
  readonly isExact: boolean;
  /** Time until the target, in ms, by the clock on the wall. Negative after the target. Null while the clock is paused, and after its end. */
  readonly untilDueMs: number | null;
}

/** Seconds are whole, and an answer takes its time. */
const toleranceMs = 2_000;

const running: ReadonlySet<string> = new Set(["ON_TRACK", "WARNING", "BREACHED"]);

/**
 * Returns what a clock says at a moment.
 *
 * The server sends the working time that remained when it was asked. Between updates, that time goes by, but not outside of working hours.
 *
 * @param readAt when the clock was loaded, in ms of the server's time
 * @param now in ms of the server's time
 */
export function slaTimeAt(clock: SlaClockFields, { readAt, now }: { readonly readAt: number; readonly now: number }): SlaTime {
  const remainingMs = clock.remainingSeconds * 1000;
  if (!running.has(clock.status)) return { isRunning: false, remainingMs, isExact: true, untilDueMs: null };
  const dueAt = clock.dueAt === null ? null : Date.parse(clock.dueAt);
  const passedMs = Math.max(0, now - readAt);
  if (dueAt === null) return { isRunning: true, remainingMs: remainingMs - passedMs, isExact: false, untilDueMs: null };
  const untilDueMs = dueAt - now;
  // After the target, only the server knows which hours count.
  if (remainingMs <= 0) return { isRunning: true, remainingMs, isExact: passedMs < toleranceMs, untilDueMs };
  const isContinuous = Math.abs(dueAt - readAt - remainingMs) <= toleranceMs;
  if (isContinuous) return { isRunning: true, remainingMs: untilDueMs, isExact: true, untilDueMs };
  return { isRunning: true, remainingMs: Math.min(remainingMs, untilDueMs), isExact: passedMs < toleranceMs, untilDueMs };
}
