import { AdaptiveSemaphore, RateLimited, ServiceUnavailable, turnOf } from "@weft/shared";
import type { Config } from "@weft/shared";
import { remainingMsOf } from "../context.js";
import type { Executor } from "../executor.js";

export interface AdmissionOptions {
  readonly limits: Pick<Config["limits"], "operationsInFlight" | "operationsInFlightPerTenant" | "operationsWaitingPerTenant">;
  /** Told after each change how many operations wait. */
  readonly onWaiting?: (count: number) => void;
}

/**
 * An executor that gives every tenant its turn: few operations run at once, fewer of one tenant, and those that wait are taken tenant by tenant. When the
 * process has little time left, a tenant that uses more than the others runs one after the other, and rests in between. So a tenant that floods keeps itself waiting, and its neighbour shares
 * the processor with one of its operations, not with all of them.
 * @throws RateLimited when too many of the tenant wait
 */
export function withAdmission(executor: Executor, { limits, onWaiting = () => undefined }: AdmissionOptions): Executor {
  const places = new AdaptiveSemaphore({
    size: limits.operationsInFlight,
    maxPerKey: limits.operationsInFlightPerTenant,
    maxWaitingPerKey: limits.operationsWaitingPerTenant,
    refusal: ({ reason, isOwnFault, waiting }) => {
      if (reason === "too many wait")
        return new RateLimited({ retryAfter: 1 }, `${limits.operationsWaitingPerTenant} operations of this organization wait already.`);
      if (isOwnFault)
        return new RateLimited({ retryAfter: 1 }, "Other operations of this organization have taken all the time that this one had.");
      return new ServiceUnavailable("gateway", new Error(`${waiting} operations wait for their turn.`));
    },
  });
  return {
    ...executor,
    execute: async (operation, context) => {
      const run = () => executor.execute(operation, context);
      return places.run(turnOf(context), run, {
        signal: context.signal,
        waitMs: remainingMsOf(context),
        onWait: () => onWaiting(places.waiting),
      });
    },
  };
}
