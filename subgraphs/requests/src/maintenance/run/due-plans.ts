import { maintenance } from "@weft/drizzle";
import { Conflict, ServiceUnavailable, WeftError } from "@weft/shared/errors";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant, dueRows, type Tx } from "@weft/platform/db";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import { type DuePlan, findDuePlan, lockDuePlan } from "./due.store.js";
import { recordFailure } from "./record-failure.js";
import { type Due, takeStep } from "./take-step.js";

type Given = Pick<Services, "databases" | "pubsub" | "keyring" | "log">;

/**
 * Takes the occurrences of maintenance plans, as a source of due work: creates a request for each, exactly once, in the name of the plan's owner and with
 * the rights that the owner has then. The occurrence and its request are one transaction.
 */
export function duePlans(given: Given) {
  const { databases, log } = given;
  return {
    name: "maintenance",
    ...dueRows({ name: "DuePlans", dueAt: maintenance.maintenancePlans.dueAt }),
    run: async (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      let done = 0;
      /** Plans that another process has locked, or that failed: they delay no other plan. */
      const except: string[] = [];
      while (done < limit && !signal.aborted) {
        const due = await asTenant(databases.app, { tenantId }, "write", (tx) => findDuePlan(tx, except));
        if (!due) break;
        const isDone = await take(given, tenantId, due).catch((error: unknown) => {
          if (!(error instanceof ServiceUnavailable))
            log.error({ err: error, tenantId, plan: due.id }, "a maintenance plan failed, will be retried");
          return false;
        });
        if (isDone) done += 1;
        else except.push(due.id);
      }
      return done;
    },
  };
}

/** Takes one step of a due plan. Returns whether it could. */
async function take({ databases, pubsub, keyring, log }: Given, tenantId: string, { id, ownerId }: DuePlan): Promise<boolean> {
  const { app, auth } = databases;
  // Before the transaction: who holds a connection must not ask for another one.
  const viewer = await viewerOfUser(auth, { tenantId, userId: ownerId, sessionId: id });
  const numbering = await effectiveConfigOf({ databases, pubsub, log }, tenantId);
  const who = viewer ?? { tenantId, userId: ownerId };
  let starting: Due | null = null;
  try {
    return await asTenant(app, who, "write", async (tx: Tx) => {
      starting = null;
      const locked = await lockDuePlan(tx, id);
      // Another process works on it, or it has a new owner.
      if (!locked || locked.row.ownerId !== ownerId) return false;
      await takeStep(tx, { ...locked, viewer, keyring, numbering, onStarting: (due) => (starting = due) });
      return true;
    });
  } catch (error) {
    const due = starting as Due | null;
    // Neither an outage nor another user's change at the same time is the occurrence's fault. It is tried again.
    if (!due || error instanceof ServiceUnavailable || error instanceof Conflict) throw error;
    if (!(error instanceof WeftError)) log.error({ err: error, tenantId, plan: id }, "an occurrence of a maintenance plan failed");
    await asTenant(app, who, "write", (tx) => recordFailure(tx, { id, due, error, keyring }));
    return true;
  }
}
