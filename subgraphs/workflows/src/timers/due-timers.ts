import { failTimer, findNextDueAt, fireDueTimers, fireTimersOf, type Fired, type TimerHandlers } from "@weft/engine";
import { ServiceUnavailable } from "@weft/shared/errors";
import { chaos } from "@weft/platform/chaos";
import { asTenant } from "@weft/platform/db";
import { metaOfWork, wakeRelay, type WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { Delays, keyIn } from "../due-work/delays.js";
import type { DueSource } from "../due-work/due-source.js";
import { findTenantsWithDueTimers } from "./due-timers.store.js";

/**
 * Instances per transaction: a timer among a hundred takes half of the processor time that it takes among 25. A user who acts on one of the instances
 * waits for the transaction, for about a tenth of a second.
 */
const AT_ONCE = 100;
/** Maximum delay between attempts at the timers of an instance. */
const MAX_DELAY_MS = 5_000;

type Parts = Pick<Services, "databases" | "pubsub" | "keyring" | "log">;

/** The timers of instances and of their tasks, as a source of due work. */
export function dueTimers(parts: Parts, handlers: TimerHandlers): DueSource {
  const { databases, pubsub, log } = parts;
  const delays = new Delays();

  /** Fires the timers of several instances in one transaction. If that fails, each instance gets its own, so that only the cause of the failure waits. */
  async function fireSome(tenantId: string, limit: number, except: readonly string[]): Promise<Fired> {
    const meta = metaOfWork("timers", tenantId, parts.keyring);
    const seen: string[] = [];
    try {
      return await inTenant(tenantId, (tx) =>
        fireDueTimers(tx, meta, { limit, except, handlers, onFound: (ids) => seen.splice(0, seen.length, ...ids) }),
      );
    } catch (error) {
      if (error instanceof ServiceUnavailable) throw error;
      let done = 0;
      for (const id of seen) done += await fireOne(meta, id);
      return { instanceIds: seen, done };
    }
  }

  async function fireOne(meta: WriteMeta, id: string): Promise<number> {
    const { tenantId } = meta;
    let failing: string | null = null;
    try {
      const { done } = await inTenant(tenantId, (tx) => fireTimersOf(tx, meta, [id], handlers, (timerId) => (failing = timerId)));
      delays.end(keyIn(tenantId, id));
      return done;
    } catch (error) {
      if (error instanceof ServiceUnavailable) throw error;
      delays.extend(keyIn(tenantId, id), MAX_DELAY_MS);
      log.error({ err: error, tenantId, instanceId: id }, "a timer failed, will be retried");
      const failure = await inTenant(tenantId, (tx) => failTimer(tx, meta, { instanceId: id, timerId: failing, cause: error }));
      return failure?.isGivenUp ? 1 : 0;
    }
  }

  const inTenant = <T>(tenantId: string, run: Parameters<typeof asTenant<T>>[3]): Promise<T> =>
    asTenant(databases.app, { tenantId }, "write", run);

  return {
    name: "timers",
    find: findTenantsWithDueTimers,
    next: findNextDueAt,
    run: async (tenantId, limit, signal) => {
      let done = 0;
      const except = delays.waitingIn(tenantId);
      while (done < limit && !signal.aborted) {
        const fired = await fireSome(tenantId, Math.min(AT_ONCE, limit - done), except);
        if (fired.instanceIds.length === 0) break;
        chaos("timers.committed");
        done += fired.done;
        if (fired.done === 0) except.push(...fired.instanceIds);
        wakeRelay(pubsub, log);
      }
      return done;
    },
  };
}
