import { quote, WeftError } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { openIncident } from "../incidents/incidents.js";
import { isBlocked } from "../outcome/write.js";
import { countTimerAttempt, endTimers, lockDueTimers, lockFreeInstances } from "./timers.store.js";

/** Attempts at a timer before its instance is stopped. */
const MAX_ATTEMPTS = 5;

export type TimerFailure = { readonly attempts: number; readonly isGivenUp: boolean };

export type FailedTimer = {
  readonly instanceId: string;
  /** UUID of the timer that failed. Null, or one that is no longer due: the first due timer of the instance counts. */
  readonly timerId: string | null;
  readonly cause: unknown;
};

/**
 * Counts a failed attempt at a due timer of an instance. A timer that would end a blocked request is skipped: nothing is wrong with the request, and
 * users close it after the others. After several attempts, the timer is given up, and the instance is stopped with an incident: a
 * user must decide how it continues. Returns null if no timer is due, or the instance is locked.
 */
export async function failTimer(tx: Tx, meta: WriteMeta, { instanceId, timerId, cause }: FailedTimer): Promise<TimerFailure | null> {
  if ((await lockFreeInstances(tx, [instanceId])).length === 0) return null;
  const due = await lockDueTimers(tx, [instanceId]);
  const timer = due.find(({ id }) => id === timerId) ?? due[0];
  if (!timer) return null;
  if (isBlocked(cause)) {
    await endTimers(tx, [{ id: timer.id, status: "SKIPPED", reason: (cause as WeftError).message }]);
    return { attempts: 1, isGivenUp: true };
  }
  const attempts = await countTimerAttempt(tx, timer.id);
  if (attempts < MAX_ATTEMPTS) return { attempts, isGivenUp: false };
  const why = cause instanceof WeftError ? cause.message : "See the log for the cause.";
  const message = `The timer ${quote(timer.name)} failed ${attempts} times. ${why}`.slice(0, 2000);
  await endTimers(tx, [{ id: timer.id, status: "FAILED", reason: message }]);
  await openIncident(tx, meta, instanceId, { kind: "JOB", message, place: `timers.${timer.name}` });
  return { attempts, isGivenUp: true };
}
