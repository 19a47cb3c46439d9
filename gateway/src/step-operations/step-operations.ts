import { ServiceUnavailable, WeftError } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { asTenant, type Databases } from "@weft/platform/db";
import type { Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import {
  claimStepOperations,
  countRunsBefore,
  type StepOperation,
  type StepOperationResult,
  writeStepResult,
} from "@weft/api/step-operations";
import type { Executor } from "../executor.js";
import type { Limits } from "../limits/limits.js";
import { startTenantTurns, type TenantTurns } from "../tenant-turns.js";
import type { PayloadConcurrency, PayloadRate } from "../webhook-payloads/payload-limits.js";
import { runStepOperation } from "./run-step-operation.js";
import { viewerOfRun } from "./viewer-of-run.js";

/** Shorter than the lease of a claim. */
const MAX_TIMEOUT_MS = 30_000;

export interface StepOperationsOptions {
  readonly databases: Pick<Databases, "app" | "auth">;
  readonly pubsub: PubSub;
  readonly executor: Pick<Executor, "execute" | "schema">;
  readonly limits: Limits;
  readonly rate: PayloadRate;
  /** Tenants take turns. */
  readonly concurrency: PayloadConcurrency;
  readonly requestTimeoutMs: number;
  readonly log: Pick<Logger, "error">;
}

/**
 * Runs the operations that steps of runs ask for, because only the gateway can run operations. Rows carry them, so there is no token that could be stolen
 * or used again. The rights are those that the owner of the instance and the publisher of its definition have when the operation runs.
 */
export function startStepOperations(options: StepOperationsOptions): Promise<TenantTurns> {
  const { databases, pubsub, log, rate, concurrency } = options;
  return startTenantTurns({
    pubsub,
    channel: channels.stepOperations,
    max: concurrency.tenants,
    turn: async (tenantId) => {
      // Nothing is claimed until the minute ends. The step asks again.
      if ((await rate.take(tenantId, 0)) > 0) return false;
      const claimed = await asTenant(databases.app, { tenantId }, "write", (tx) => claimStepOperations(tx, concurrency.perTenant));
      await rate.take(tenantId, claimed.length);
      const done = await Promise.allSettled(claimed.map((operation) => answer(options, tenantId, operation)));
      for (const result of done) if (result.status === "rejected") report(result.reason, tenantId);
      return claimed.length === concurrency.perTenant;
    },
    onError: report,
  });

  function report(error: unknown, tenantId: string): void {
    // If the database is unavailable, other components report it.
    if (!(error instanceof ServiceUnavailable)) log.error({ err: error, tenantId }, "an operation of a step could not be run");
  }
}

async function answer({ databases, pubsub, ...options }: StepOperationsOptions, tenantId: string, operation: StepOperation): Promise<void> {
  const result = await resultOf({ databases, ...options }, tenantId, operation);
  await asTenant(databases.app, { tenantId }, "write", (tx) => writeStepResult(tx, operation.id, result));
  await pubsub.publish(channels.stepResults, operation.id);
}

async function resultOf(
  { databases, executor, limits, requestTimeoutMs }: Omit<StepOperationsOptions, "pubsub">,
  tenantId: string,
  operation: StepOperation,
): Promise<StepOperationResult> {
  const { causeId } = operation;
  const runsBefore = (): Promise<number> =>
    causeId === null ? Promise.resolve(0) : asTenant(databases.app, { tenantId }, "read", (tx) => countRunsBefore(tx, causeId));
  try {
    const viewer = await viewerOfRun(databases.auth, tenantId, operation);
    return await runStepOperation(executor, {
      operation,
      viewer,
      runsBefore,
      timeoutMs: Math.min(requestTimeoutMs, MAX_TIMEOUT_MS),
      limits,
    });
  } catch (error) {
    // A database that is unavailable is asked again. Everything else would fail again, until the time of the step is over.
    if (!(error instanceof WeftError) || error instanceof ServiceUnavailable) throw error;
    return { ok: false, code: error.code, message: error.message, isFinal: true };
  }
}
