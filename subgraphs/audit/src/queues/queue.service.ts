import { BadUserInput } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Databases, Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import { wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { assertText } from "@weft/api/inputs";
import { wakeCallSender } from "../integrations/calls/call.service.js";
import { endedEvent } from "../integrations/calls/call-parts.js";
import { getWebhook, wakeWebhookSender } from "../webhooks/webhook.service.js";
import { type ChannelQueueRow, type DueRow, MAX_COUNTED } from "./queue.js";
import type { DiscardWaitingDeliveriesInput, PauseDeliveriesInput, ResumeDeliveriesInput } from "./queue.input.js";
import {
  discardCalls,
  discardNotifications,
  discardWebhookDeliveries,
  endPause,
  insertPause,
  measureDue,
  type PauseRow,
  selectChannelQueues,
} from "./queue.store.js";
import type { DeliveryChannel } from "./queue.type.js";

/** Items that one call discards. */
const MAX_DISCARDED = MAX_COUNTED;
const bounds = { reason: { max: 500 } };

/** Returns the queues of all channels, with one statement. */
export const readQueues = (ctx: Context): Promise<ChannelQueueRow[]> => ctx.read(selectChannelQueues);

/** Counts what is due in each channel of all tenants, for metrics. */
export const readDueDeliveries = (databases: Pick<Databases, "worker">): Promise<DueRow[]> => databases.worker.begin(measureDue, "read");

/** Pauses a channel: what waits, and what is queued from now on, waits until it is resumed. Repeating the call changes nothing. @throws BadUserInput */
export async function pauseDeliveries(ctx: Context, { channel, reason }: PauseDeliveriesInput): Promise<ChannelQueueRow> {
  assertText({ reason }, bounds);
  assertOutgoing(channel, "paused");
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const row = await insertPause(tx, { tenantId, channel, reason, pausedBy: userId });
    if (row !== null) {
      await appendEvents(tx, ctx.meta, [
        { type: "deliveries.paused", subjectId: tenantId, subjectVersion: 1, payload: { channel, userId } },
      ]);
      await auditPause(ctx, tx, "tenant.pauseDeliveries", { before: null, after: row });
    }
    return queueOf(tx, channel);
  });
}

/** Resumes a channel. What waited is delivered. Repeating the call changes nothing. */
export async function resumeDeliveries(ctx: Context, { channel }: ResumeDeliveriesInput): Promise<ChannelQueueRow> {
  const { tenantId, userId } = ctx.viewer;
  const queue = await ctx.inTenant(async (tx) => {
    const before = await endPause(tx, channel);
    if (before !== null) {
      await appendEvents(tx, ctx.meta, [
        { type: "deliveries.resumed", subjectId: tenantId, subjectVersion: 1, payload: { channel, userId } },
      ]);
      await auditPause(ctx, tx, "tenant.resumeDeliveries", { before, after: null });
    }
    return queueOf(tx, channel);
  });
  if (channel === "WEBHOOK") wakeWebhookSender(ctx.services);
  else if (channel === "CALL") wakeCallSender(ctx.services);
  else wakeMailSender(ctx.services);
  return queue;
}

/**
 * Discards what waits in a channel or for a webhook, oldest first: it ends without being sent, with the reason. What is being sent is left alone.
 * @throws NotFound, BadUserInput
 */
export async function discardWaitingDeliveries(
  ctx: Context,
  { idempotencyKey, ...input }: DiscardWaitingDeliveriesInput,
): Promise<{ readonly count: number; readonly hasMore: boolean }> {
  assertText({ reason: input.reason }, bounds);
  const target = targetOf(input);
  const { before, reason } = input;
  const discard = { before, reason: `Discarded: ${reason}`, limit: MAX_DISCARDED };
  const result = await ctx.inTenant(async (tx) => {
    const call = { mutation: "discardWaitingDeliveries", key: idempotencyKey ?? null, input };
    const done = await once(tx, ctx.meta, call, async () => {
      if (target.webhookId !== null) {
        const webhook = await getWebhook(tx, target.webhookId);
        const count = await discardWebhookDeliveries(tx, discard, webhook.id);
        const after = { ...webhook, before, reason, count };
        await writeAudit(tx, ctx.meta, [
          { action: "webhook.discardDeliveries", entityType: "webhook", entityId: webhook.id, before: webhook, after },
        ]);
        return { count: String(count) };
      }
      const { tenantId } = ctx.viewer;
      const count = await discardIn(ctx, tx, target.channel, discard);
      await writeAudit(tx, ctx.meta, [
        {
          action: "tenant.discardDeliveries",
          entityType: "tenant",
          entityId: tenantId,
          before: null,
          after: { channel: target.channel, before, reason, count },
        },
      ]);
      return { count: String(count) };
    });
    return done.result;
  });
  const count = Number(result["count"]);
  return { count, hasMore: count >= MAX_DISCARDED };
}

async function discardIn(
  ctx: Context,
  tx: Tx,
  channel: OutgoingChannel,
  discard: { readonly before: string; readonly reason: string; readonly limit: number },
): Promise<number> {
  switch (channel) {
    case "WEBHOOK":
      return discardWebhookDeliveries(tx, discard, null);
    case "NOTIFICATION":
      return discardNotifications(tx, discard);
    case "CALL": {
      const calls = await discardCalls(tx, discard);
      // Workflows that wait for a call do what their definition says about a failure.
      const events = calls.flatMap(({ id, version, instanceId }) =>
        instanceId === null ? [] : [endedEvent({ id, version, instanceId, status: "FAILED" })],
      );
      if (events.length > 0) await appendEvents(tx, ctx.meta, events);
      return calls.length;
    }
  }
}

type OutgoingChannel = Exclude<DeliveryChannel, "INBOUND">;

/** Messages of other systems are accepted and handled, or their endpoint is disabled. */
function assertOutgoing(channel: DeliveryChannel, verb: "paused" | "discarded"): asserts channel is OutgoingChannel {
  if (channel !== "INBOUND") return;
  const message = `Messages of inbound webhooks cannot be ${verb}. Disable the inbound webhook with updateInboundWebhook instead.`;
  throw new BadUserInput([{ path: "input.channel", message }]);
}

type Target = { readonly webhookId: string } | { readonly webhookId: null; readonly channel: OutgoingChannel };

function targetOf({ channel, webhookId }: Pick<DiscardWaitingDeliveriesInput, "channel" | "webhookId">): Target {
  const isOfWebhook = typeof webhookId === "string";
  if (typeof channel === "string" && !isOfWebhook) {
    assertOutgoing(channel, "discarded");
    return { webhookId: null, channel };
  }
  if (!isOfWebhook || typeof channel === "string")
    throw new BadUserInput([{ path: "input", message: "Pass either channel or webhookId." }]);
  return { webhookId: decodeId("webhook", webhookId, "input.webhookId") };
}

async function queueOf(tx: Tx, channel: DeliveryChannel): Promise<ChannelQueueRow> {
  const queue = (await selectChannelQueues(tx)).find((each) => each.channel === channel);
  if (queue === undefined) throw new Error(`The channel ${channel} has no queue.`);
  return queue;
}

/** Records a pause or its end. The subject is the tenant. */
const auditPause = (
  ctx: Context,
  tx: Tx,
  action: "tenant.pauseDeliveries" | "tenant.resumeDeliveries",
  { before, after }: { readonly before: PauseRow | null; readonly after: PauseRow | null },
): Promise<void> =>
  writeAudit(tx, ctx.meta, [
    { action, entityType: "tenant", entityId: ctx.viewer.tenantId, before: imageOf(before), after: imageOf(after) },
  ]);

const imageOf = (row: PauseRow | null) => row && { channel: row.channel, reason: row.reason };
