import { receiveCall } from "@weft/engine";
import { channels, type EventEnvelope } from "@weft/shared/event-catalog";
import { encodeId, newId } from "@weft/shared/ids";
import { chaos } from "@weft/platform/chaos";
import type { Tx } from "@weft/platform/db";
import { type EventConsumer, metaOfWork } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { z } from "zod";
import { inputField, resultField } from "./call-parts.js";
import { type CallRow, findCall, findIntegrationByKey, findWaitingCalls, hasLaterCall, insertCall, recordFollowUp } from "./call.store.js";

/** Payload of `workflow.call_requested`. */
const requested = z.object({
  instanceId: z.uuid(),
  integration: z.string(),
  action: z.string(),
  input: z.record(z.string(), z.unknown()),
  into: z.array(z.string()).nullable(),
  onSuccess: z.string().nullable(),
  onFailure: z.string().nullable(),
  settledVersion: z.int().optional(),
});

type Parts = Pick<Services, "keyring" | "secrets" | "pubsub">;

/**
 * Turns the calls that workflows request into rows, which a sender sends, and lets their results have their effect on the instance. Each happens once:
 * it is in one transaction with the cursor. Results for an instance that is suspended, or has an incident, wait until it continues.
 */
export function callConsumer(parts: Parts): EventConsumer {
  return {
    name: "integrationCalls",
    types: ["workflow.call_requested", "integrationCall.ended", "workflow.resumed", "workflow.incident_resolved"],
    handle: async (tx, event) => {
      if (event.type === "workflow.call_requested") return request(tx, parts, event);
      if (event.type === "integrationCall.ended") {
        const call = await findCall(tx, event.subjectId);
        return call === null ? undefined : followUp(tx, parts, call);
      }
      for (const call of await findWaitingCalls(tx, event.subjectId)) await followUp(tx, parts, call);
      return undefined;
    },
  };
}

async function request(tx: Tx, { secrets, keyring, pubsub }: Parts, event: EventEnvelope): Promise<void> {
  const { tenantId } = event;
  const { instanceId, integration: integrationKey, action, input, ...followUps } = requested.parse(event.payload);
  const integration = await findIntegrationByKey(tx, integrationKey);
  const id = newId();
  const [sealed = ""] = await secrets.seal(tx, tenantId, [{ field: inputField(id), value: JSON.stringify(input) }]);
  const error = `There is no integration with the key ${JSON.stringify(integrationKey)}.`;
  const call = await insertCall(tx, {
    tenantId,
    id,
    integrationKey,
    integrationId: integration?.id ?? null,
    action,
    input: sealed,
    eventId: event.id,
    instanceId,
    followUp: followUps,
    ...(integration === null && { status: "FAILED", error, finishedAt: event.occurredAt }),
  });
  chaos("calls.requested");
  if (integration === null) await followUp(tx, { secrets, keyring, pubsub }, call);
  // The sender polls, too: it may look before the commit.
  else void pubsub.publish(channels.integrationCalls, "").catch(() => undefined);
}

const reasons: Readonly<Record<string, string>> = {
  FAILED: "The system refused it, or it cannot be sent.",
  UNKNOWN: "It was sent, but there was no answer. The system may have carried it out.",
  DEAD: "All attempts failed.",
  EXPIRED: "It could not be sent for more than a day.",
};

/**
 * Why a call failed, for the incident of its instance. Unlike the error of the call, it contains nothing that the system answered: users who see
 * incidents may not see calls.
 */
function reasonOf({ id, status, integrationId, error }: CallRow): string {
  // Then nothing was sent.
  if (integrationId === null && error !== null) return error;
  return `${reasons[status] ?? status} See the error of the call ${encodeId("integrationCall", id)}.`;
}

/** Lets the result of a call have its effect, once. */
async function followUp(tx: Tx, { secrets, keyring }: Parts, call: CallRow): Promise<void> {
  const { tenantId, id, instanceId, followUp: wanted, followUpStatus, status, result } = call;
  if (instanceId === null || wanted === null || followUpStatus !== null || status === "PENDING") return;
  const isDone = status === "DONE";
  const [opened = "null"] = isDone && result !== null ? await secrets.open(tx, tenantId, [{ field: resultField(id), value: result }]) : [];
  const received = await receiveCall(tx, metaOfWork("integrationCalls", tenantId, keyring), {
    instanceId,
    integration: call.integrationKey,
    followUp: wanted,
    settledVersion: wanted.settledVersion ?? null,
    isSuperseded: wanted.into !== null && (await hasLaterCall(tx, { id, instanceId, into: wanted.into })),
    ended: isDone ? { isDone, result: JSON.parse(opened) as unknown } : { isDone, error: reasonOf(call) },
  });
  if (received.status === "WAITING") return;
  // A failure that stopped the instance can be retried: then the result of that attempt counts.
  const hasStopped = received.status === "FAILED" && !isDone && wanted.onFailure === null;
  await recordFollowUp(tx, id, { status: hasStopped ? null : received.status, error: received.reason });
}
