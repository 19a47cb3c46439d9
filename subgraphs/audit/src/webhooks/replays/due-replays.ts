import { deliverableTypes, type EventEnvelope, type EventType } from "@weft/shared/event-catalog";
import { asTenant, type Tx } from "@weft/platform/db";
import { isReplayed, maxLookedUp, readEventsOfTypes } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { insertDeliveries } from "../deliveries/delivery.store.js";
import { newDelivery } from "../deliveries/new-delivery.js";
import { isOfTypes, wants } from "../webhook.condition.js";
import { getWebhook, wakeWebhookSender, type WebhookRow } from "../webhook.service.js";
import { findNextReplay, findTenantsWithReplays, lockRunningReplay, recordProgress, type ReplayRow } from "./replay.store.js";

const CUSTOM: EventType = "custom.published";

/** Deliveries that one replay queues. */
export const MAX_QUEUED = 100_000;

/**
 * Continues replays, as a source of due work. Each batch is one transaction that queues deliveries and moves the replay's position, so a worker that
 * is killed repeats nothing. Events that were queued for the webhook before are not queued again.
 */
export function dueReplays({ databases, pubsub, log }: Pick<Services, "databases" | "pubsub" | "log">) {
  return {
    name: "eventReplays",
    find: (tx: Tx, limit: number) => findTenantsWithReplays(tx, limit),
    next: (tx: Tx) => findNextReplay(tx),
    run: async (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      let done = 0;
      while (done < limit && !signal.aborted) {
        if (!(await asTenant(databases.app, { tenantId }, "write", continueReplay))) break;
        done += 1;
        wakeWebhookSender({ pubsub, log });
      }
      return done;
    },
  };
}

/** Examines the next events of a replay. Returns false if there is no replay to continue. */
async function continueReplay(tx: Tx): Promise<boolean> {
  const replay = await lockRunningReplay(tx);
  if (replay === null) return false;
  const webhook = await getWebhook(tx, replay.webhookId);
  const { position, endPosition, queuedCount, reachedAt } = replay;
  if (webhook.status === "DISABLED") {
    await recordProgress(tx, replay.id, { position, queuedCount, reachedAt, status: "STOPPED" });
    return true;
  }
  const types = logTypesOf(replay.eventTypes);
  const { events, upTo } = await readEventsOfTypes(tx, { afterPosition: position, head: endPosition, limit: maxLookedUp, types });
  const found = events.filter((event) => isWanted(replay, webhook, event));
  const wanted = found.slice(0, MAX_QUEUED - queuedCount);
  const queued =
    queuedCount +
    (await insertDeliveries(
      tx,
      wanted.map((event) => newDelivery(webhook, event)),
    ));
  const last = wanted.at(-1);
  const isFull = queued >= MAX_QUEUED;
  // Some of the wanted ones had been queued before, so that there is room for those that were cut off.
  const isCut = wanted.length < found.length;
  await recordProgress(tx, replay.id, {
    position: (isFull || isCut) && last ? last.position : Math.min(upTo, endPosition),
    queuedCount: queued,
    reachedAt: last?.occurredAt ?? reachedAt,
    status: isFull ? "LIMIT_REACHED" : upTo >= endPosition && !isCut ? "COMPLETED" : "RUNNING",
  });
  return true;
}

function isWanted(replay: ReplayRow, webhook: WebhookRow, event: EventEnvelope): boolean {
  const { eventTypes } = replay;
  return isReplayed(event, replay) && (eventTypes === null || isOfTypes(event, eventTypes)) && wants(webhook, event);
}

/** Custom events have one type in the log, whatever their declared types are. */
const logTypesOf = (types: readonly string[] | null): readonly EventType[] =>
  deliverableTypes.filter((type) => types === null || types.some((one) => one === type || (type === CUSTOM && one.startsWith("custom."))));
