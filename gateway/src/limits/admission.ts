import { RateLimited, ServiceUnavailable } from "@weft/shared/errors";
import type { Config } from "@weft/platform/config";
import { AdaptiveSemaphore, turnOf } from "@weft/platform/fairness";
import { remainingMsOf } from "../context.js";
import type { Executor } from "../executor.js";
import { executorOver } from "../executor-over.js";

export interface AdmissionOptions {
  readonly limits: Pick<Config["limits"], "operationsInFlight" | "operationsInFlightPerTenant" | "operationsWaitingPerTenant">;
  /** Called with the number of waiting operations after each change. */
  readonly onWaiting?: (count: number) => void;
}

/**
 * Returns an executor that shares the process fairly between tenants. Few operations run at once, fewer per tenant, and waiting ones are taken tenant
 * by tenant. If the processor is busy, the operations of a tenant that uses much more than the others run one at a time, with pauses in between. A tenant
 * that floods the gateway thus delays only itself: other tenants share the processor with one of its operations, not with all of them.
 * @throws RateLimited if too many operations of the tenant are waiting
 */
export function withAdmission(executor: Executor, { limits, onWaiting = () => undefined }: AdmissionOptions): Executor {
  const places = new AdaptiveSemaphore({
    size: limits.operationsInFlight,
    maxPerKey: limits.operationsInFlightPerTenant,
    maxWaitingPerKey: limits.operationsWaitingPerTenant,
    refusal: ({ reason, isOwnFault, waiting }) => {
      if (reason === "too many wait")
        return new RateLimited(
          { retryAfter: 1 },
          `${limits.operationsWaitingPerTenant} operations of your organization are already waiting.`,
        );
      if (isOwnFault)
        return new RateLimited(
          { retryAfter: 1 },
          "Other operations of your organization used all the time that was available for this one.",
        );
      return new ServiceUnavailable("gateway", new Error(`${waiting} operations are waiting for their turn.`));
    },
  });
  return executorOver(executor, async (operation, context) => {
    const run = () => executor.execute(operation, context);
    return places.run(turnOf(context), run, {
      signal: context.signal,
      waitMs: remainingMsOf(context),
      onWait: () => onWaiting(places.waiting),
    });
  });
}
