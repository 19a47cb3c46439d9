import { type Quota, rateQuotaOf, remainingOf } from "./quota.js";

/** What an operation cost, in `extensions.cost` of its response, and the cost limit of which the least is left. Null if there is none. */
export interface CostReport {
  readonly requested: number;
  readonly limit: number | null;
  readonly remaining: number | null;
  /** ISO 8601. */
  readonly resetAt: string | null;
}

export function costReport(requested: number, quotas: readonly Quota[]): CostReport {
  const [lowest] = quotas.filter(({ policy }) => policy.unit === "COST").toSorted((one, other) => remainingOf(one) - remainingOf(other));
  if (!lowest) return { requested, limit: null, remaining: null, resetAt: null };
  const { limit, resetAt } = rateQuotaOf(lowest);
  return { requested, limit, remaining: remainingOf(lowest), resetAt };
}

/** Adds the cost to the extensions of a response or of an error. */
export const withCost = <To extends object>(to: To & { readonly extensions?: unknown }, cost: CostReport | undefined): To =>
  cost === undefined ? to : { ...to, extensions: { ...(to.extensions as object | undefined), cost } };
