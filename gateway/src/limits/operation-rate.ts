import { effectiveConfigOf } from "@weft/shared";
import type { Services } from "@weft/shared";
import { perMinute } from "./counters.js";
import type { Executor } from "../executor.js";
import type { Counters } from "./counters.js";

/** Counts the operations of tenants by the minute. */
export interface OperationRate {
  /** Counts one. @throws RateLimited when the tenant's plan allows no more in this minute */
  count(tenantId: string): Promise<void>;
}

/** Holds tenants to `limits.operationsPerMinute` of their configuration; a minute begins with its first operation. */
export function createOperationRate(
  counters: Counters,
  services: Pick<Services, "pubsub" | "log"> & { readonly databases: Pick<Services["databases"], "auth"> },
): OperationRate {
  const hold = perMinute(
    counters.counter("operations"),
    (allowed) => `This organisation has used the ${allowed} operations that its plan allows in a minute.`,
  );
  return {
    count: async (tenantId) => {
      const { operationsPerMinute: allowed } = (await effectiveConfigOf(services, tenantId)).limits;
      if (allowed !== null) await hold({ key: tenantId, points: 1, allowed });
    },
  };
}

/** An executor that counts the operations of tenants. @throws RateLimited when the plan allows no more in this minute */
export const countingOperations = (executor: Executor, rate: OperationRate): Executor => ({
  ...executor,
  execute: async (operation, context) => {
    if (context.viewer) await rate.count(context.viewer.tenantId);
    return executor.execute(operation, context);
  },
});
