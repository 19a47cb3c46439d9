import { extendLease, type TakenStep } from "@weft/engine";
import { asTenant } from "@weft/platform/db";
import { pause } from "@weft/platform/leadership";
import type { Services } from "@weft/platform/services";

/** Time between two extensions of a lease, which also tell the work to stop. */
const HEARTBEAT_MS = 1_000;

export interface HeldLease {
  /** Aborts when the run stops, or the lease cannot be relied upon any more. */
  readonly stopped: AbortSignal;
  /** Whether the lease could not be extended for so long that another worker can have the step. */
  readonly isOver: () => boolean;
  /** Ends the extensions. */
  readonly end: () => Promise<void>;
}

/** Extends the lease of a step until its result is recorded, and stops the work if it must not go on. */
export function holdLease(
  { config, databases, log }: Pick<Services, "config" | "databases" | "log">,
  tenantId: string,
  taken: TakenStep,
): HeldLease {
  const { leaseSeconds } = config.automation;
  const stopped = new AbortController();
  const ended = new AbortController();
  let isOver = false;
  /** Stops the work before another worker takes the step over. The timer needs neither the database nor the time of day. */
  const expire = (since: number): NodeJS.Timeout =>
    setTimeout(
      () => {
        isOver = true;
        stopped.abort();
      },
      since + leaseSeconds * 1000 - HEARTBEAT_MS - performance.now(),
    );
  let expiry = expire(performance.now());
  const beating = (async () => {
    for (;;) {
      await pause(HEARTBEAT_MS, ended.signal);
      if (ended.signal.aborted) return;
      const began = performance.now();
      try {
        const goesOn = await asTenant(databases.app, { tenantId }, "write", (tx) => extendLease(tx, { ...taken, seconds: leaseSeconds }));
        if (!goesOn) return stopped.abort();
        clearTimeout(expiry);
        if (!isOver) expiry = expire(began);
      } catch (error) {
        log.debug({ err: error, tenantId, runId: taken.runId }, "a lease could not be extended");
      }
    }
  })().finally(() => clearTimeout(expiry));
  return {
    stopped: stopped.signal,
    isOver: () => isOver,
    end: async () => {
      ended.abort();
      await beating;
    },
  };
}
