import { QueryLimitExceeded, RateLimited } from "@weft/shared/errors";
import type { RateQuota } from "@weft/shared/viewer";
import type { WindowUse } from "@weft/api/limits";
import type { RatePolicy } from "./policies.js";

/** A policy, and how much of it a caller has used. */
export interface Quota extends WindowUse {
  readonly policy: RatePolicy;
}

/** The quota as subgraphs get it, for the query `limits`. */
export const rateQuotaOf = ({ policy, used, endsInMs }: Quota): RateQuota => ({
  policy: policy.name,
  scope: policy.scope,
  unit: policy.unit,
  field: policy.field,
  limit: policy.allowed,
  used,
  windowSeconds: policy.windowMs / 1_000,
  resetAt: new Date(Date.now() + endsInMs).toISOString(),
});

/** What a caller can still use until the window ends. */
export const remainingOf = ({ policy, used }: Quota): number => Math.max(0, policy.allowed - used);

/** Whole seconds until the window ends. */
export const resetSecondsOf = ({ endsInMs }: Quota): number => Math.max(1, Math.ceil(endsInMs / 1_000));

const windowNames: Readonly<Record<number, string>> = { 1_000: "second", 60_000: "minute", 3_600_000: "hour", 86_400_000: "day" };

/** The refusal of an operation that would exceed the quota. */
export function exceeded(quota: Quota): RateLimited {
  const { policy, limit, windowSeconds, resetAt } = rateQuotaOf(quota);
  const rateLimit = { policy, limit, remaining: remainingOf(quota), windowSeconds, resetAt };
  return new RateLimited({ retryAfter: resetSecondsOf(quota), rateLimit }, reasonOf(quota.policy));
}

/** The refusal of an operation that no window has room for, however long it waits. */
export const beyond = ({ name, allowed }: RatePolicy, points: number): QueryLimitExceeded =>
  new QueryLimitExceeded({ limit: name, actual: points, max: allowed });

function reasonOf({ name, scope, unit, allowed, windowMs, field = "" }: RatePolicy): string {
  const amount = unit === "COST" ? `a cost of ${allowed}` : `${allowed} operations`;
  const per = windowNames[windowMs] ?? `${windowMs / 1_000} seconds`;
  switch (scope) {
    case "TENANT":
      return `Your organization exceeded the ${unit === "COST" ? `cost of ${allowed}` : amount} per ${per} that its plan allows.`;
    case "API_KEY":
      return `${name === "key-minute" ? "The API key" : "The API keys of the user"} exceeded ${name === "key-minute" ? "its" : "their"} limit of ${amount} per ${per}.`;
    case "ADDRESS":
      return `The users of your organization at your address exceeded the limit of ${amount} per ${per}.`;
    case "OPERATION":
      return `The limit of ${amount} with "${field}" per ${per} is exceeded.`;
    case "USER":
      return `You exceeded the limit of ${amount} per ${per}.`;
  }
}
