import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { IdsInput } from "@weft/api/inputs";
import { reopenInboundMessages, selectInboundMessages } from "./inbound-message.store.js";
import { toInboundMessage, type InboundMessage } from "./inbound-message.type.js";
import { selectInboundWebhooks } from "./inbound-webhook.store.js";

const MAX_IDS = 100;

/** Lets failed messages be handled again, by the mapping as it is now. @throws NotFound, BadUserInput */
export async function retryInboundMessages(ctx: Context, { ids }: IdsInput): Promise<InboundMessage[]> {
  if (ids.length === 0 || ids.length > MAX_IDS)
    throw new BadUserInput([{ path: "input.ids", message: `Pass 1 to ${MAX_IDS} IDs, not ${ids.length}.` }]);
  const uuids = ids.map((id, index) => decodeId("inboundMessage", id, `input.ids.${index}`));
  return ctx.inTenant(async (tx) => {
    const known = new Set((await selectInboundMessages(tx, uuids)).map(({ id }) => id));
    const missing = ids.find((_id, index) => !known.has(uuids[index] ?? ""));
    if (missing !== undefined) throw new NotFound("InboundMessage", missing);
    const reopened = await reopenInboundMessages(tx, uuids);
    const byWebhook = Map.groupBy(reopened, ({ webhookId }) => webhookId);
    const webhooks = new Map((await selectInboundWebhooks(tx, [...byWebhook.keys()])).map((row) => [row.id, row]));
    await appendEvents(
      tx,
      ctx.meta,
      reopened.map(({ id, webhookId }) => ({
        type: "inbound.received" as const,
        subjectId: webhookId,
        subjectVersion: webhooks.get(webhookId)?.version ?? 0,
        payload: { messageId: id },
      })),
    );
    await writeAudit(
      tx,
      ctx.meta,
      [...webhooks.values()].map((webhook) => ({
        action: "inboundWebhook.retryMessages",
        entityType: "inboundWebhook" as const,
        entityId: webhook.id,
        before: webhook,
        after: webhook,
      })),
    );
    const after = new Map((await selectInboundMessages(tx, uuids)).map((row) => [row.id, toInboundMessage(row)]));
    return uuids.flatMap((uuid) => after.get(uuid) ?? []);
  });
}
