import { nextOccurrence } from "./occurrences.js";
import type { Occurrence, Plan } from "./occurrences.js";

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

interface Missed {
  readonly due: Occurrence;
  readonly now: number;
  readonly policy: MissedPolicy;
  /** At most so many are returned. */
  readonly limit: number;
  /** Planned times that are decided apart. The search ends at the first of them. */
  readonly apart?: ReadonlySet<number>;
}

/** Returns the missed occurrences from a due one on, and the first one that is not missed. */
export function missedFrom(plan: Plan, { due, now, policy, limit, apart }: Missed): { missed: Occurrence[]; next: Occurrence | null } {
  const oldest = now - (policy.catchUpSeconds + plan.jitterSeconds) * 1_000;
  const missed: Occurrence[] = [];
  let next: Occurrence | null = due;
  while (next !== null && next.startsAt <= now && missed.length < limit && !apart?.has(next.plannedAt)) {
    const following: Occurrence | null = nextOccurrence(plan, next.plannedAt);
    if (isRun(next, following, now, policy)) break;
    missed.push(next);
    // Of those that nobody will make up for, only the first is recorded.
    next = following !== null && following.plannedAt < oldest && !apart?.size ? nextOccurrence(plan, oldest - 1) : following;
  }
  return { missed, next };
}
