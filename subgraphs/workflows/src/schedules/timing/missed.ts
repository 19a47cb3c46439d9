import type { Occurrence } from "./occurrences.js";

export const missedRunPolicies = ["SKIP", "RUN_ONCE", "RUN_ALL"] as const;
export type MissedRuns = (typeof missedRunPolicies)[number];

/** A run that starts at most this late is not missed. */
export const GRACE_MS = 60_000;

export interface MissedPolicy {
  readonly missedRuns: MissedRuns;
  /** A run that is later than this is not made up for. */
  readonly catchUpSeconds: number;
}

/**
 * Decides whether a due occurrence is run or is missed.
 * @param following the occurrence after it
 */
export function isRun(due: Occurrence, following: Occurrence | null, now: number, { missedRuns, catchUpSeconds }: MissedPolicy): boolean {
  const lateMs = now - due.startsAt;
  if (lateMs <= GRACE_MS) return true;
  if (lateMs > catchUpSeconds * 1_000) return false;
  switch (missedRuns) {
    case "SKIP":
      return false;
    case "RUN_ONCE":
      return following === null || following.startsAt > now;
    case "RUN_ALL":
      return true;
    default:
      return missedRuns satisfies never;
  }
}
