import type { Viewer } from "@weft/shared/viewer";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Services } from "@weft/platform/services";
import { type Counters, perMinute } from "@weft/api/limits";
import type { Executor } from "../executor.js";
import { executorOver } from "../executor-over.js";

/** Counts the operations of tenants and API keys per minute. */
export interface OperationRate {
  /** Counts one operation. @throws RateLimited if the API key has used up its limit for this minute, or the tenant that of its plan */
  count(viewer: Pick<Viewer, "tenantId" | "apiKey">): Promise<void>;
}

/** Enforces the tenants' configured `limits.operationsPerMinute`. A minute begins with its first operation. */
export function createOperationRate(
  counters: Counters,
  services: Pick<Services, "pubsub" | "log"> & { readonly databases: Pick<Services["databases"], "auth"> },
): OperationRate {
  const hold = perMinute(
    counters.counter("operations"),
    (allowed) => `Your organization exceeded the ${allowed} operations per minute that its plan allows.`,
  );
  const holdKey = perMinute(
    counters.counter("api-key-operations"),
    (allowed) => `The API key exceeded its limit of ${allowed} operations per minute.`,
  );
  return {
    count: async ({ tenantId, apiKey }) => {
      // First, so that what a key does beyond its limit does not count for the organization.
      if (apiKey !== null && apiKey.operationsPerMinute !== null)
        await holdKey({ key: apiKey.id, points: 1, allowed: apiKey.operationsPerMinute });
      const { operationsPerMinute: allowed } = (await effectiveConfigOf(services, tenantId)).limits;
      if (allowed !== null) await hold({ key: tenantId, points: 1, allowed });
    },
  };
}

/** Returns an executor that counts the operations of tenants. @throws RateLimited if the tenant has used up its plan's limit for this minute */
export const countingOperations = (executor: Executor, rate: OperationRate): Executor =>
  executorOver(executor, async (operation, context) => {
    if (context.viewer) await rate.count(context.viewer);
    return executor.execute(operation, context);
  });
