import type { Config } from "@weft/platform/config";
import type { EffectiveConfig, Rate } from "@weft/platform/configuration";
import { LRUCache } from "lru-cache";

/** Whose operations a limit counts together. OPERATION: those with one root field, of a user or of the tenant. */
export type RateScope = "ADDRESS" | "USER" | "API_KEY" | "TENANT" | "OPERATION";

/** A limit on the operations of a scope in a window of time. */
export interface RatePolicy {
  /** For example `user-minute`, `tenant-cost-hour`, or `operation-createRequest-day`. Unique for a caller; part of the keys under which uses are counted. */
  readonly name: string;
  readonly scope: RateScope;
  readonly unit: "OPERATIONS" | "COST";
  readonly allowed: number;
  readonly windowMs: number;
  /** Whether only what the caller does counts. */
  readonly isOfCaller: boolean;
  /** Root field of the scope OPERATION. */
  readonly field?: string;
}

/** The policies of a tenant, by whose operations they count. */
export interface TenantPolicies {
  readonly address: readonly RatePolicy[];
  readonly user: readonly RatePolicy[];
  /** Of all API keys of a user together. */
  readonly apiKey: readonly RatePolicy[];
  readonly tenant: readonly RatePolicy[];
  /** By root field. Those of users, and those of the tenant. */
  readonly operations: ReadonlyMap<string, OperationPolicies>;
}

interface OperationPolicies {
  readonly user: readonly RatePolicy[];
  readonly tenant: readonly RatePolicy[];
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const windows = {
  perSecond: { suffix: "second", unit: "OPERATIONS", windowMs: SECOND_MS },
  perMinute: { suffix: "minute", unit: "OPERATIONS", windowMs: MINUTE_MS },
  perHour: { suffix: "hour", unit: "OPERATIONS", windowMs: HOUR_MS },
  perDay: { suffix: "day", unit: "OPERATIONS", windowMs: DAY_MS },
  costPerMinute: { suffix: "cost-minute", unit: "COST", windowMs: MINUTE_MS },
  costPerHour: { suffix: "cost-hour", unit: "COST", windowMs: HOUR_MS },
  costPerDay: { suffix: "cost-day", unit: "COST", windowMs: DAY_MS },
} as const satisfies Record<keyof Rate, object>;

type Named = Pick<RatePolicy, "scope" | "field"> & { readonly prefix: string; readonly isOfCaller?: boolean };

/** The policies of a rate, from the shortest window to the longest. */
export function policiesOfRate(rate: Rate, { scope, prefix, isOfCaller = true, field }: Named): RatePolicy[] {
  return Object.entries(windows).flatMap(([name, { suffix, unit, windowMs }]) => {
    const allowed = rate[name as keyof Rate];
    if (allowed === undefined) return [];
    return [{ name: `${prefix}-${suffix}`, scope, unit, allowed, windowMs, isOfCaller, ...(field !== undefined && { field }) }];
  });
}

/** Of each window the lower limit. */
export function lowerOf(one: Rate, other: Rate | null): Rate {
  const rate: { -readonly [Window in keyof Rate]: Rate[Window] } = { ...one };
  for (const [name, allowed] of Object.entries(other ?? {})) {
    const window = name as keyof Rate;
    rate[window] = Math.min(allowed, one[window] ?? Infinity);
  }
  return rate;
}

/** Configurations are cached, and replaced when they change. */
const known = new WeakMap<EffectiveConfig, TenantPolicies>();

/** Returns the policies that a configuration sets. What an organization sets for itself can only lower what its operators allow. */
export function policiesOf(config: EffectiveConfig, defaults: Config["limits"]["rates"]): TenantPolicies {
  const before = known.get(config);
  if (before) return before;
  const { rates, ownRates, limits } = config;
  const perMinute = limits.operationsPerMinute;
  const made: TenantPolicies = {
    address: policiesOfRate(lowerOf(rates.address ?? {}, ownRates.address), {
      scope: "ADDRESS",
      prefix: "address",
      isOfCaller: false,
    }),
    user: policiesOfRate(lowerOf(rates.user ?? defaults.user, ownRates.user), { scope: "USER", prefix: "user" }),
    apiKey: policiesOfRate(lowerOf(rates.apiKey ?? defaults.apiKey, ownRates.apiKey), { scope: "API_KEY", prefix: "keys" }),
    tenant: policiesOfRate(lowerOf(rates.tenant ?? defaults.tenant, perMinute === null ? null : { perMinute }), {
      scope: "TENANT",
      prefix: "tenant",
      isOfCaller: false,
    }),
    operations: operationPolicies(rates, ownRates),
  };
  known.set(config, made);
  return made;
}

function operationPolicies(...levels: readonly Pick<EffectiveConfig["rates"], "operations">[]): Map<string, OperationPolicies> {
  const fields = new Set(levels.flatMap(({ operations = {} }) => Object.keys(operations)));
  return new Map(
    [...fields].map((field) => {
      const rateOf = (whose: "USER" | "TENANT"): Rate =>
        levels.reduce<Rate>((lowest, { operations }) => {
          const { per = "USER", ...rate } = operations?.[field] ?? {};
          return per === whose ? lowerOf(lowest, rate) : lowest;
        }, {});
      const named = { scope: "OPERATION", field } as const;
      return [
        field,
        {
          user: policiesOfRate(rateOf("USER"), { ...named, prefix: `operation-${field}` }),
          tenant: policiesOfRate(rateOf("TENANT"), { ...named, prefix: `operation-${field}-tenant`, isOfCaller: false }),
        },
      ];
    }),
  );
}

/** Users choose these limits, so there can be any number of them. */
const keyPolicies = new LRUCache<number, readonly RatePolicy[]>({ max: 1_000 });

/** The policies of an API key that has a limit per minute of its own, besides that of all keys of its user. */
export function policiesOfKey(perMinute: number | null): readonly RatePolicy[] {
  if (perMinute === null) return [];
  let own = keyPolicies.get(perMinute);
  if (!own) keyPolicies.set(perMinute, (own = policiesOfRate({ perMinute }, { scope: "API_KEY", prefix: "key" })));
  return own;
}
