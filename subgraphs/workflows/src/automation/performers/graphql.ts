import type { JsonObject, StepReport } from "@weft/engine";
import { channels } from "@weft/shared/event-catalog";
import { asTenant } from "@weft/platform/db";
import { pause } from "@weft/platform/leadership";
import { type AgentRights, askStepOperation, dropStepOperation, readStepResult, type StepOperationResult } from "@weft/api/step-operations";
import { failure, type Performer, type StepContext } from "./performer.js";

/** Time after which the gateways are asked again, because a message can be lost. */
const ASK_AGAIN_MS = 1_000;

/** Lets a gateway run an operation with the rights that the owner of the instance and the publisher of its definition have at that moment. */
export const performGraphql: Performer = async (input, context) => {
  const { query, variables = {} } = input as { readonly query: string; readonly variables?: JsonObject };
  return reportOf(await runOperation(context, { query, variables, idempotencyKey: context.idempotencyKey, agent: null }));
};

interface Operation {
  readonly query: string;
  readonly variables: JsonObject;
  readonly idempotencyKey: string;
  /** What the agent that asks has of the rights. Null: the step itself asks. */
  readonly agent: AgentRights | null;
}

/** Lets a gateway run an operation for a step. One at a time: what the step has asked for before is forgotten. Null: there is no result in time. */
export async function runOperation(context: StepContext, operation: Operation): Promise<StepOperationResult | null> {
  const { tenantId, runId, step, leaseToken, services } = context;
  const { databases } = services;
  const id = await asTenant(databases.app, { tenantId }, "write", (tx) => askStepOperation(tx, { runId, step, leaseToken, ...operation }));
  try {
    return await resultOf(context, id);
  } finally {
    await asTenant(databases.app, { tenantId }, "write", (tx) => dropStepOperation(tx, id));
  }
}

/** Waits until a gateway has run the operation. Null: the time is over, or the step must stop. */
async function resultOf({ tenantId, services, signal }: StepContext, id: string): Promise<StepOperationResult | null> {
  const { databases, pubsub } = services;
  let ring = new AbortController();
  const unsubscribe = await pubsub.subscribe(channels.stepResults, (message) => {
    if (message === id) ring.abort();
  });
  try {
    while (!signal.aborted) {
      await pubsub.publish(channels.stepOperations, tenantId);
      await pause(ASK_AGAIN_MS, AbortSignal.any([signal, ring.signal]));
      ring = new AbortController();
      const result = await asTenant(databases.app, { tenantId }, "read", (tx) => readStepResult(tx, id));
      if (result) return result;
    }
    return null;
  } finally {
    await unsubscribe();
  }
}

function reportOf(result: StepOperationResult | null): StepReport {
  if (result === null) return failure("TIMEOUT", "The operation had no result in time.", false);
  if (!result.ok) return failure(result.code, result.message, result.isFinal);
  return { kind: "succeeded", outputs: { data: result.data as JsonObject } };
}
