import { schedules as tables } from "@weft/drizzle";
import { Conflict, ServiceUnavailable, WeftError } from "@weft/shared/errors";
import { asTenant, dueRows } from "@weft/platform/db";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import { Delays, keyIn } from "../../due-work/delays.js";
import type { DueSource } from "../../due-work/due-source.js";
import { recordFailure } from "./record-failure.js";
import { endAttempts, lockDue, takeDue, type DueSchedule } from "./run.store.js";
import { takeStep, type Starting } from "./take-step.js";

/** Maximum delay between attempts at a schedule that could not be processed. */
const MAX_DELAY_MS = 10_000;

/** Attempts at a schedule at which the process has ended, before its run counts as failed. */
const MAX_ATTEMPTS = 3;

type Given = Pick<Services, "databases" | "keyring" | "log">;

/**
 * Runs schedules: starts an instance at each planned time, exactly once, on behalf of the schedule's owner and with the rights that the owner has then.
 * The run and the start of its instance are one transaction.
 * Never holds a schedule while another connection is needed, and starts nothing for a suspended tenant.
 */
export function dueSchedules(given: Given): DueSource {
  const { databases, log } = given;
  const delays = new Delays();
  return {
    name: "schedules",
    ...dueRows({ name: "DueSchedules", dueAt: tables.schedules.dueAt }),
    run: async (tenantId, limit, signal) => {
      let done = 0;
      /** Schedules that another process has locked, or that failed: they delay no other schedule. */
      const except = delays.waitingIn(tenantId);
      while (done < limit && !signal.aborted) {
        const due = await asTenant(databases.app, { tenantId }, "write", (tx) => takeDue(tx, except));
        if (!due) break;
        const isDone = await take(given, tenantId, due).catch((error: unknown) => {
          delays.extend(keyIn(tenantId, due.id), MAX_DELAY_MS);
          if (!(error instanceof ServiceUnavailable))
            log.error({ err: error, tenantId, schedule: due.id }, "a schedule failed, will be retried");
          return null;
        });
        if (isDone !== null) delays.end(keyIn(tenantId, due.id));
        // The process goes on.
        if (isDone !== true) await asTenant(databases.app, { tenantId }, "write", (tx) => endAttempts(tx, due.id)).catch(() => undefined);
        if (isDone) done += 1;
        else except.push(due.id);
      }
      return done;
    },
  };
}

/** Takes one step of a due schedule. Returns whether it could. */
async function take(
  { databases: { app, auth }, keyring, log }: Given,
  tenantId: string,
  { id, ownerId, attempts }: DueSchedule,
): Promise<boolean> {
  const viewer = await viewerOfUser(auth, { tenantId, userId: ownerId, sessionId: id });
  const who = viewer ?? { tenantId, userId: ownerId };
  let starting: Starting | null = null;
  try {
    return await asTenant(app, who, "write", async (tx) => {
      starting = null;
      const locked = await lockDue(tx, id);
      // Another process works on it, or it has a new owner.
      if (!locked || locked.row.ownerId !== ownerId) return false;
      const crashes = attempts > MAX_ATTEMPTS ? attempts - 1 : null;
      await takeStep(tx, { ...locked, viewer, keyring, crashes, onStarting: (run) => (starting = run) });
      return true;
    });
  } catch (error) {
    const run = starting as Starting | null;
    // Neither an outage nor somebody else's change of an instance to cancel is the run's fault. It is tried again.
    if (!run || error instanceof ServiceUnavailable || error instanceof Conflict) throw error;
    if (!(error instanceof WeftError)) log.error({ err: error, tenantId, schedule: id }, "scheduled run failed");
    await asTenant(app, who, "write", (tx) => recordFailure(tx, { id, run, error, keyring }));
    return true;
  }
}
