import { BadUserInput, Conflict, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedIdInput } from "@weft/api/inputs";
import { getWebhook, wakeWebhookSender, type WebhookRow } from "../webhook.service.js";
import type { RedeliverWebhookInput } from "./delivery.input.js";
import {
  findDelivery,
  hastenDelivery,
  insertReplays,
  insertTest,
  type DeliveryRow,
  type ReplayWhere,
  selectReplayable,
} from "./delivery.store.js";
import { TEST_TYPE, testBody } from "./message.js";
import { lockWebhook } from "../webhook.store.js";

/** Deliveries that one call repeats. */
const MAX_REPLAYS = 10_000;

/** Returns one delivery. @throws NotFound */
export const readDelivery = (ctx: Context, id: string): Promise<DeliveryRow> => ctx.read((tx) => getDelivery(tx, id));

/** Queues a delivery that contains no event, to test an endpoint. */
export async function testWebhook(ctx: Context, { idempotencyKey, ...input }: KeyedIdInput): Promise<DeliveryRow> {
  const webhookId = decodeId("webhook", input.id, "input.id");
  const row = await ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "testWebhook", key: idempotencyKey ?? null, input }, async () => {
      const webhook = await getWebhook(tx, webhookId);
      assertNotDisabled(webhook);
      const id = newId();
      const body = testBody({ webhookId, at: new Date().toISOString() });
      await insertTest(tx, { id, webhookId, messageId: encodeId("webhookDelivery", id), type: TEST_TYPE, body });
      await audit(ctx, tx, webhook, "webhook.test");
      return { id };
    });
    return getDelivery(tx, result["id"] ?? "");
  });
  wakeWebhookSender(ctx.services);
  return row;
}

/** Queues ended deliveries again, with the same `webhook-id` and body as before. A single delivery that still waits is tried now instead. */
export async function redeliverWebhook(
  ctx: Context,
  { idempotencyKey, ...input }: RedeliverWebhookInput,
): Promise<{ readonly count: number; readonly hasMore: boolean }> {
  const where = whereOf(input);
  const result = await ctx.inTenant(async (tx) => {
    const call = { mutation: "redeliverWebhook", key: idempotencyKey ?? null, input };
    return (
      await once(tx, ctx.meta, call, async () => {
        const { webhookId, isWaiting } = await placeOf(tx, where, input.webhookId ?? null);
        const webhook = await getWebhook(tx, webhookId);
        assertNotDisabled(webhook);
        if (isWaiting && "deliveryId" in where) {
          await hastenDelivery(tx, where.deliveryId);
          await audit(ctx, tx, webhook, "webhook.redeliver");
          return { count: "1", hasMore: "false" };
        }
        // The destination must not change while stored bodies are repeated.
        await lockWebhook(tx, webhook.id);
        const found = await selectReplayable(tx, where, MAX_REPLAYS + 1);
        const replays = found.slice(0, MAX_REPLAYS).map((of) => ({ of, id: newId() }));
        await insertReplays(tx, replays);
        await audit(ctx, tx, webhook, "webhook.redeliver");
        return { count: String(replays.length), hasMore: String(found.length > MAX_REPLAYS) };
      })
    ).result;
  });
  wakeWebhookSender(ctx.services);
  return { count: Number(result["count"]), hasMore: result["hasMore"] === "true" };
}

async function getDelivery(tx: Tx, id: string): Promise<DeliveryRow> {
  const row = await findDelivery(tx, id);
  if (!row) throw new NotFound("WebhookDelivery", encodeId("webhookDelivery", id));
  return row;
}

/** Returns the webhook of the deliveries, and whether the single delivery still waits. @throws NotFound, also if the delivery is of another webhook */
async function placeOf(
  tx: Tx,
  where: ReplayWhere,
  givenWebhookId: string | null,
): Promise<{ readonly webhookId: string; readonly isWaiting: boolean }> {
  if ("webhookId" in where) return { webhookId: where.webhookId, isWaiting: false };
  const given = givenWebhookId === null ? null : await getWebhook(tx, decodeId("webhook", givenWebhookId, "input.webhookId"));
  const { webhookId, status } = await getDelivery(tx, where.deliveryId);
  if (given !== null && given.id !== webhookId) throw new NotFound("WebhookDelivery", encodeId("webhookDelivery", where.deliveryId));
  return { webhookId, isWaiting: status === "PENDING" };
}

function whereOf({ deliveryId, webhookId, from, to, onlyFailed }: RedeliverWebhookInput): ReplayWhere {
  const hasPeriod = typeof from === "string" || typeof to === "string";
  const refuse = (path: string, message: string): never => {
    throw new BadUserInput([{ path, message } satisfies Problem]);
  };
  if (typeof deliveryId === "string") {
    if (hasPeriod || onlyFailed === true) refuse("input.deliveryId", "A single delivery has no period. Omit from, to, and onlyFailed.");
    return { deliveryId: decodeId("webhookDelivery", deliveryId, "input.deliveryId") };
  }
  if (typeof webhookId !== "string") return refuse("input", "Pass deliveryId, or webhookId with a period or onlyFailed.");
  const id = decodeId("webhook", webhookId, "input.webhookId");
  if (onlyFailed === true) {
    if (hasPeriod) refuse("input.onlyFailed", "Pass either a period or onlyFailed.");
    return { webhookId: id, onlyFailed };
  }
  if (typeof from !== "string" || typeof to !== "string") return refuse("input.from", "Pass both from and to, or onlyFailed.");
  if (Date.parse(from) > Date.parse(to)) refuse("input.to", "The end of the period is before its start.");
  return { webhookId: id, from, to };
}

function assertNotDisabled({ status, name }: WebhookRow): void {
  if (status === "DISABLED") throw new Conflict(`The webhook ${quote(name)} is disabled. Resume it with resumeWebhook first.`);
}

const audit = (ctx: Context, tx: Tx, webhook: WebhookRow, action: string): Promise<void> =>
  writeAudit(tx, ctx.meta, [{ action, entityType: "webhook", entityId: webhook.id, before: webhook, after: webhook }]);
