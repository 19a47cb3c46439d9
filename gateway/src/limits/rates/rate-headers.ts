import { type Quota, remainingOf, resetSecondsOf } from "./quota.js";

/**
 * Returns the response headers of draft-ietf-httpapi-ratelimit-headers-10: lists of structured fields (RFC 9651). `q` is the quota and `w` its window in
 * seconds; `r` is what remains and `t` the seconds until it is the whole quota again. Quotas of cost have the unit (`qu`) `cost`.
 */
export function rateHeaders(quotas: readonly Quota[]): { readonly "ratelimit-policy": string; readonly ratelimit: string } {
  return {
    "ratelimit-policy": quotas.map(({ policy }) => policyItem(policy)).join(", "),
    ratelimit: quotas.map((quota) => `"${quota.policy.name}";r=${remainingOf(quota)};t=${resetSecondsOf(quota)}`).join(", "),
  };
}

const items = new WeakMap<Quota["policy"], string>();

/** Policies are the same objects until the configuration changes. */
function policyItem(policy: Quota["policy"]): string {
  let item = items.get(policy);
  if (item === undefined) {
    item = `"${policy.name}";q=${policy.allowed};w=${policy.windowMs / 1_000}${policy.unit === "COST" ? ';qu="cost"' : ""}`;
    items.set(policy, item);
  }
  return item;
}
