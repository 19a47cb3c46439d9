import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { assertRemembered, assertReplayPeriod, positionsOfPeriod } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { declaredAmong, getWebhook } from "../webhook.service.js";
import { lockWebhook } from "../webhook.store.js";
import { typeProblems } from "../webhook.terms.js";
import { findReplay, findRunningReplay, insertReplay, type ReplayRow } from "./replay.store.js";
import type { ReplayEventsInput } from "./replay.type.js";

/** Starts to queue the events of a period that the webhook never received. @throws NotFound, Conflict, BadUserInput */
export async function replayEvents(ctx: Context, { idempotencyKey, ...input }: ReplayEventsInput): Promise<ReplayRow> {
  const webhookId = decodeId("webhook", input.webhookId, "input.webhookId");
  assertReplayPeriod(input);
  const row = await ctx.inTenant(async (tx) => {
    const call = { mutation: "replayEvents", key: idempotencyKey ?? null, input };
    const { result } = await once(tx, ctx.meta, call, async () => ({
      id: await create(tx, ctx, { ...input, webhookId }),
    }));
    return getReplay(tx, result["id"] ?? "");
  });
  ctx.services.pubsub
    .publish(channels.dueWork, "")
    .catch((error: unknown) => ctx.log.debug({ err: error }, "a replay of events could not be announced"));
  return row;
}

/** Returns one replay. @throws NotFound */
export const readReplay = (ctx: Context, id: string): Promise<ReplayRow> => ctx.read((tx) => getReplay(tx, id));

async function create(tx: Tx, ctx: Context, { webhookId, from, to, types }: Omit<ReplayEventsInput, "idempotencyKey">): Promise<string> {
  const problems = typeProblems("types", types, await declaredAmong(tx, types));
  if (problems.length > 0) throw new BadUserInput(problems);
  const webhook = await getWebhook(tx, webhookId);
  // Concurrent calls wait here.
  await lockWebhook(tx, webhookId);
  if (webhook.status === "DISABLED")
    throw new Conflict(`The webhook ${quote(webhook.name)} is disabled. Resume it with resumeWebhook first.`);
  await assertRemembered(tx, "DELIVERIES", { from, createdAt: webhook.createdAt, explain });
  const running = await findRunningReplay(tx, webhookId);
  if (running !== null) {
    const id = encodeId("eventReplay", running);
    throw new Conflict(`The replay ${id} of this webhook is running. Wait until it ends: eventReplay(id: "${id}").`);
  }
  const positions = await positionsOfPeriod(tx, { from, to });
  const id = newId();
  const { tenantId, userId } = ctx.viewer;
  await insertReplay(tx, {
    tenantId,
    id,
    webhookId,
    fromAt: from,
    toAt: to,
    eventTypes: types ? [...new Set(types)] : null,
    ...positions,
    position: positions.startPosition,
    createdBy: userId,
  });
  await writeAudit(tx, ctx.meta, [
    { action: "webhook.replay", entityType: "webhook", entityId: webhookId, before: webhook, after: webhook },
  ]);
  return id;
}

async function getReplay(tx: Tx, id: string): Promise<ReplayRow> {
  const row = await findReplay(tx, id);
  if (row === null) throw new NotFound("EventReplay", encodeId("eventReplay", id));
  return row;
}

const explain = (until: string): string =>
  `Deliveries from before ${until} have been deleted, so it is not known which events this webhook received before. Begin after that, or create another webhook and replay them to it.`;
