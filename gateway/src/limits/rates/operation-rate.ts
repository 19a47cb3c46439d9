import type { Config } from "@weft/platform/config";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { networkOf } from "@weft/platform/fairness";
import type { Services } from "@weft/platform/services";
import type { Viewer } from "@weft/shared/viewer";
import type { Charge, Counters } from "@weft/api/limits";
import type { Executor } from "../../executor.js";
import { executorOver } from "../../executor-over.js";
import { parseDocument } from "../../operations.js";
import { isInProcess } from "../../http/in-process-fetch.js";
import type { Metrics } from "../../metrics.js";
import type { Limits } from "../limits.js";
import { costReport } from "./cost-report.js";
import { MeasuredOperation } from "./measured-operation.js";
import { policiesOf, policiesOfKey, type RatePolicy, type TenantPolicies } from "./policies.js";
import { beyond, exceeded, type Quota, rateQuotaOf } from "./quota.js";

/** A caller, as far as rates are concerned. */
export interface RatedCaller {
  readonly viewer: Pick<Viewer, "tenantId" | "userId" | "vendorId" | "apiKey">;
  /** Undefined if it is not known. */
  readonly address: string | null | undefined;
}

type Rated = Pick<MeasuredOperation, "rootFields" | "cost">;
type OnQuotas = (quotas: readonly Quota[]) => void;

/** Counts the operations of addresses, users, API keys, and tenants. */
export interface OperationRate {
  /**
   * Counts an operation against each limit that applies to it, or against none if one of them is exceeded. One round trip to Redis, if there is one.
   * @param onQuotas told which limits apply, and what is used of them, even if one is exceeded
   * @returns the same
   * @throws RateLimited if a limit is exceeded; QueryLimitExceeded if the operation alone is more than one allows
   */
  count(caller: RatedCaller, operation: Rated, onQuotas?: OnQuotas): Promise<readonly Quota[]>;
}

/** A policy for what one caller does, and the key under which it counts. */
interface Applied {
  readonly policy: RatePolicy;
  readonly charge: Charge;
}

export interface OperationRateOptions {
  readonly counters: Pick<Counters, "windows">;
  readonly services: Pick<Services, "pubsub" | "log"> & { readonly databases: Pick<Services["databases"], "auth"> };
  readonly limits: Pick<Config["limits"], "rates">;
  readonly metrics?: Pick<Metrics, "rateExceeded">;
}

/** Enforces the rates of the settings, plans, and tenants. A window begins with its first operation. */
export function createOperationRate({ counters, services, limits, metrics }: OperationRateOptions): OperationRate {
  return {
    count: async (caller, operation, onQuotas) => {
      const applied = appliedTo(caller, operation, policiesOf(await effectiveConfigOf(services, caller.viewer.tenantId), limits.rates));
      if (applied.length === 0) {
        onQuotas?.([]);
        return [];
      }
      const { isTaken, uses } = await counters.windows.take(applied.map(({ charge }) => charge));
      const quotas = applied.flatMap(({ policy }, place): Quota[] => {
        const use = uses[place];
        return use ? [{ policy, ...use }] : [];
      });
      // Vendors are not told how much the organization uses, except when they are refused.
      const shown = caller.viewer.vendorId === null ? quotas : quotas.filter(({ policy }) => policy.isOfCaller);
      onQuotas?.(shown);
      if (isTaken) return shown;
      const hopeless = quotas.find(({ policy }) => pointsOf(policy, operation) > policy.allowed);
      if (hopeless) throw beyond(hopeless.policy, pointsOf(hopeless.policy, operation));
      // Of several, the one that lasts longest: the client should not come back to be refused by another one.
      const [worst] = quotas
        .filter(({ policy, used }) => used + pointsOf(policy, operation) > policy.allowed)
        .toSorted((one, other) => other.endsInMs - one.endsInMs);
      if (!worst) throw new Error("An operation was refused, although it exceeds no limit.");
      metrics?.rateExceeded(worst.policy);
      throw exceeded(worst);
    },
  };
}

const pointsOf = ({ unit, field }: RatePolicy, operation: Rated): number =>
  unit === "COST" ? operation.cost : field === undefined ? 1 : (operation.rootFields.get(field) ?? 0);

/**
 * The policies that apply to an operation, from the narrowest to the widest. Those of a user count sessions. API keys have others, which all keys of a user
 * share: more keys are not more operations.
 */
function appliedTo({ viewer, address }: RatedCaller, operation: Rated, policies: TenantPolicies): Applied[] {
  const { tenantId, userId, apiKey } = viewer;
  const applied: Applied[] = [];
  const apply = (those: readonly RatePolicy[], whose: string): void => {
    for (const policy of those) {
      const { name, scope, allowed, windowMs } = policy;
      applied.push({ policy, charge: { scope, key: `${name}:${whose}`, points: pointsOf(policy, operation), allowed, windowMs } });
    }
  };
  if (apiKey === null) apply(policies.user, userId);
  else {
    apply(policiesOfKey(apiKey.operationsPerMinute), apiKey.id);
    apply(policies.apiKey, userId);
  }
  if (policies.operations.size > 0)
    for (const field of operation.rootFields.keys()) {
      const ofField = policies.operations.get(field);
      if (ofField === undefined) continue;
      apply(ofField.user, userId);
      apply(ofField.tenant, tenantId);
    }
  if (policies.address.length > 0 && address !== null && address !== undefined)
    apply(policies.address, `${tenantId} ${networkOf(address)}`);
  apply(policies.tenant, tenantId);
  return applied;
}

/** The context of an operation that asks what is left of its limits. Others are not told: most calls of subgraphs need not carry it. */
export const withQuotas = <Of extends object>(context: Of, operation: Rated, quotas: readonly Quota[]): Of =>
  operation.rootFields.has("limits") ? { ...context, rateQuotas: quotas.map(rateQuotaOf) } : context;

/** Returns an executor that counts the operations of callers with a login. @throws RateLimited if one of their limits is exceeded */
export const countingOperations = (executor: Executor, rate: OperationRate, limits: Limits): Executor =>
  executorOver(executor, async (operation, context) => {
    const { viewer, address, onQuotas, onCost } = context;
    // Work of this process, such as that of a seed, is nobody's flood.
    const rated = isInProcess() ? null : viewer;
    if (!rated && !onCost) return executor.execute(operation, context);
    const schema = operation.isInternal ? executor.internalSchema : executor.schema;
    const measured = new MeasuredOperation(schema, parseDocument(operation.query, limits), operation);
    const tell: OnQuotas = (quotas) => {
      onQuotas?.(quotas);
      onCost?.(costReport(measured.cost, quotas));
    };
    if (!rated) tell([]);
    const quotas = rated ? await rate.count({ viewer: rated, address }, measured, tell) : [];
    return executor.execute(operation, withQuotas(context, measured, quotas));
  });
