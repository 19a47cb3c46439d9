/** Operations that rows in the database ask for: the payloads of webhooks, and the operations of automation steps. Only the gateway can run operations. */
import type { Config } from "@weft/platform/config";
import type { Databases } from "@weft/platform/db";
import type { Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import type { TenantSecrets } from "@weft/platform/secrets";
import type { Counters } from "@weft/api/limits";
import type { CountedOccurrences } from "./audit/counted-occurrences.js";
import { recordingExecutions } from "./audit/recording-answers.js";
import type { Executor } from "./executor.js";
import { countingFieldUses } from "./field-usage/counting-field-uses.js";
import type { FieldUses } from "./field-usage/field-uses.js";
import { withAdmission } from "./limits/admission.js";
import type { Planning } from "./limits/planning.js";
import { countingPublishedEvents } from "./limits/published-events.js";
import { takingLiveCursors } from "./live/live-cursor.js";
import { startStepOperations } from "./step-operations/step-operations.js";
import { startPayloadBuilder } from "./webhook-payloads/payload-builder.js";
import { createPayloadRate, payloadConcurrency } from "./webhook-payloads/payload-limits.js";

export interface BackgroundOperationsOptions {
  readonly config: Pick<Config, "limits" | "requestTimeoutMs">;
  readonly databases: Pick<Databases, "app" | "auth">;
  readonly pubsub: PubSub;
  readonly secrets: TenantSecrets;
  readonly counters: Counters;
  readonly executor: Executor;
  readonly planning: Planning;
  /** Executes operations as those of clients, without a turn. */
  readonly clientOperations: Executor;
  /** Counts which fields the operations use. */
  readonly fieldUses: FieldUses;
  /** Counts what the operations of steps tell the audit trail. */
  readonly occurrences: CountedOccurrences;
  readonly log: Logger;
}

/** Starts to run them. Each kind has turns of its own: neither users nor the other kind delay it, and it delays neither. */
export async function startBackgroundOperations(options: BackgroundOperationsOptions): Promise<{ stop(): Promise<void> }> {
  const { config, databases, pubsub, secrets, counters, executor, planning, clientOperations, fieldUses, occurrences, log } = options;
  const { limits, requestTimeoutMs } = config;
  const concurrency = payloadConcurrency(limits);
  const turns = {
    operationsInFlight: concurrency.tenants * concurrency.perTenant,
    operationsInFlightPerTenant: concurrency.perTenant,
    operationsWaitingPerTenant: concurrency.perTenant,
  };
  const parts = { databases, pubsub, limits, concurrency, requestTimeoutMs };
  const services = { databases, pubsub, log };
  const payloads = await startPayloadBuilder({
    ...parts,
    secrets,
    executor: countingFieldUses(withAdmission(takingLiveCursors(planning.over(executor), databases.app), { limits: turns }), {
      uses: fieldUses,
      limits,
      client: { name: "(webhooks)", version: "" },
    }),
    rate: createPayloadRate(counters, services),
    log: log.child({ part: "webhookPayloads" }),
  });
  const steps = await startStepOperations({
    ...parts,
    executor: recordingExecutions(
      countingFieldUses(countingPublishedEvents(withAdmission(clientOperations, { limits: turns }), { counters, limits }), {
        uses: fieldUses,
        limits,
        client: { name: "(automation)", version: "" },
      }),
      occurrences,
      limits,
    ),
    rate: createPayloadRate(counters, services, { counter: "step-operations", what: "operations of steps" }),
    log: log.child({ part: "stepOperations" }),
  });
  return {
    stop: async () => {
      await payloads.stop();
      await steps.stop();
    },
  };
}
