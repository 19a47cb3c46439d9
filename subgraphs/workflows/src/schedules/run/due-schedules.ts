import { asTenant, Conflict, ServiceUnavailable, viewerOfUser, WeftError, type Services } from "@weft/shared";
import type { DueSource } from "../../due-work/due-source.js";
import { findDueTenants, nextDue } from "./due.store.js";
import { recordFailure } from "./record-failure.js";
import { findDue, lockDue } from "./run.store.js";
import { takeStep, type Starting } from "./take-step.js";

type Given = Pick<Services, "databases" | "keyring" | "log">;

/**
 * Runs schedules: starts an instance at each planned time, exactly once, on behalf of the schedule's owner and with the rights that the owner has then.
 * The run and the start of its instance are one transaction.
 * Never holds a schedule while another connection is needed, and starts nothing for a suspended tenant.
 */
export const dueSchedules = (given: Given): DueSource => ({
  name: "schedules",
  find: findDueTenants,
  next: nextDue,
  run: async (tenantId, limit, signal) => {
    let done = 0;
    /** Schedules that another process has locked. */
    const busy: string[] = [];
    while (done < limit && !signal.aborted) {
      const result = await takeNext(given, tenantId, busy);
      if (result === null) break;
      if (result.isDone) done += 1;
      else busy.push(result.id);
    }
    return done;
  },
});

/** Takes one step of the schedule that has been due longest. Null if none is due. */
async function takeNext(
  { databases: { app, auth }, keyring, log }: Given,
  tenantId: string,
  busy: readonly string[],
): Promise<{ id: string; isDone: boolean } | null> {
  const due = await asTenant(app, { tenantId }, "read", (tx) => findDue(tx, busy));
  if (!due) return null;
  const { id, ownerId } = due;
  const viewer = await viewerOfUser(auth, { tenantId, userId: ownerId, sessionId: id });
  const who = viewer ?? { tenantId, userId: ownerId };
  let starting: Starting | null = null;
  try {
    const isDone = await asTenant(app, who, "write", async (tx) => {
      starting = null;
      const locked = await lockDue(tx, id);
      // Another process works on it, or it has a new owner.
      if (!locked || locked.row.ownerId !== ownerId) return false;
      await takeStep(tx, { ...locked, viewer, keyring, onStarting: (run) => (starting = run) });
      return true;
    });
    return { id, isDone };
  } catch (error) {
    const run = starting as Starting | null;
    // Neither an outage nor somebody else's change of an instance to cancel is the run's fault. It is tried again.
    if (!run || error instanceof ServiceUnavailable || error instanceof Conflict) throw error;
    if (!(error instanceof WeftError)) log.error({ err: error, tenantId, schedule: id }, "scheduled run failed");
    await asTenant(app, who, "write", (tx) => recordFailure(tx, { id, run, error, keyring }));
    return { id, isDone: true };
  }
}
