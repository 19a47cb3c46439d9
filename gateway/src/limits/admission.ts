import { AdaptiveSemaphore, networkOf, RateLimited, ServiceUnavailable } from "@weft/shared";
import type { Config } from "@weft/shared";
import type { OperationContext } from "../context.js";
import type { Executor } from "../executor.js";
import type { OperationRate } from "./operation-rate.js";

export interface AdmissionOptions {
  readonly limits: Pick<Config["limits"], "operationsInFlight" | "operationsInFlightPerTenant" | "operationsWaitingPerTenant">;
  readonly rate: Pick<OperationRate, "count">;
  /** Told after each change how many operations wait. */
  readonly onWaiting?: (count: number) => void;
}

/**
 * An executor that gives every tenant its turn: few operations run at once, fewer of one tenant, and those that wait are taken tenant by tenant. When the
 * process has no time left, a tenant that uses more than the others runs one after the other. So a tenant that floods keeps itself waiting, and its neighbour shares
 * the processor with one of its operations, not with all of them.
 * @throws RateLimited when too many of the tenant wait, or its plan allows no more in this minute
 */
export function withAdmission(executor: Executor, { limits, rate, onWaiting = () => undefined }: AdmissionOptions): Executor {
  const places = new AdaptiveSemaphore({
    size: limits.operationsInFlight,
    maxPerKey: limits.operationsInFlightPerTenant,
    maxWaitingPerKey: limits.operationsWaitingPerTenant,
    refusal: ({ reason, waiting }) =>
      reason === "too many wait"
        ? new RateLimited({ retryAfter: 1 }, `${limits.operationsWaitingPerTenant} operations of this organisation wait already.`)
        : new ServiceUnavailable("gateway", new Error(`${waiting} operations wait for their turn.`)),
  });
  return {
    ...executor,
    execute: async (operation, context) => {
      if (context.viewer) await rate.count(context.viewer.tenantId);
      const run = () => executor.execute(operation, context);
      return places.run(turnOf(context), run, context.signal, () => onWaiting(places.waiting));
    },
  };
}

/** Whoever is not logged in takes the turn of his network: guessing at passwords keeps nobody else from logging in. */
export const turnOf = ({ viewer, address }: Pick<OperationContext, "viewer" | "address">): string =>
  viewer?.tenantId ?? `network ${networkOf(address ?? "")}`;
