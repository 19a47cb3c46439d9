import { RateLimited } from "@weft/shared/errors";
import type { Config } from "@weft/platform/config";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Services } from "@weft/platform/services";
import { type Counters, perMinute } from "@weft/api/limits";

/** Limits the payloads of each tenant per minute. */
export interface PayloadRate {
  /** Counts a number of runs, which can be zero. Returns zero if they are allowed. Otherwise, returns the seconds until the minute ends. */
  take(tenantId: string, runs: number): Promise<number>;
}

/**
 * Allows as many payloads per minute as the plan allows operations, but counts them separately. A busy webhook then never uses up the operations of
 * users, and users never delay payloads.
 */
export function createPayloadRate(
  counters: Counters,
  services: Pick<Services, "pubsub" | "log"> & { readonly databases: Pick<Services["databases"], "auth"> },
  { counter = "webhook-payloads", what = "payloads of webhooks" }: { readonly counter?: string; readonly what?: string } = {},
): PayloadRate {
  const hold = perMinute(counters.counter(counter), (allowed) => `Your organization exceeded the limit of ${allowed} ${what} per minute.`);
  return {
    take: async (tenantId, points) => {
      const { operationsPerMinute: allowed } = (await effectiveConfigOf(services, tenantId)).limits;
      if (allowed === null) return 0;
      try {
        await hold({ key: tenantId, points, allowed });
        return 0;
      } catch (error) {
        if (error instanceof RateLimited) return Number(error.extensions["retryAfter"]);
        throw error;
      }
    },
  };
}

/** How many payloads a gateway builds at the same time. */
export interface PayloadConcurrency {
  readonly tenants: number;
  readonly perTenant: number;
}

/** More would not be faster: the worker sends at most a few requests to an endpoint at the same time. */
const MOST: PayloadConcurrency = { tenants: 4, perTenant: 2 };

/** Share of the places of operations that payloads can use in addition to them. */
const SHARE = 1 / 8;

/** Payloads don't take the places of operations. They have an eighth as many of their own, but at least one. */
export function payloadConcurrency(
  limits: Pick<Config["limits"], "operationsInFlight" | "operationsInFlightPerTenant">,
): PayloadConcurrency {
  const within = (most: number, places: number): number => Math.max(1, Math.min(most, Math.floor(places)));
  const perTenant = within(MOST.perTenant, limits.operationsInFlightPerTenant * SHARE);
  return { tenants: within(MOST.tenants, (limits.operationsInFlight * SHARE) / perTenant), perTenant };
}
