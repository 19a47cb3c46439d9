/** Claims deliveries of a tenant, with what is needed to send them. */
import { asTenant, type Databases, type Tx } from "@weft/platform/db";
import type { Logger } from "@weft/platform/logging";
import type { TenantSecrets } from "@weft/platform/secrets";
import { webhookBody } from "@weft/platform/webhooks";
import { type OpenedWebhook, openWebhooks } from "../../webhook.secrets.js";
import { clearUnreadable } from "../../webhook.store.js";
import { openBodies } from "../stored-bodies.js";
import { claimDeliveries, type ClaimedRow, lockForClaim } from "./claim.store.js";
import type { OutgoingDelivery } from "./send.js";
import type { Share } from "./slots.js";
import { blockUnreadable, rebuildUnreadableBodies } from "./unreadable.store.js";

interface Services {
  readonly databases: Pick<Databases, "app">;
  readonly secrets: TenantSecrets;
  readonly log: Pick<Logger, "error">;
}

/** What was claimed of a tenant. */
export interface ClaimedShare {
  readonly deliveries: readonly OutgoingDelivery[];
  /** Number of deliveries that ended or wait without being sent. */
  readonly unsent: number;
  /** Whether one of the webhooks has a rate limit. */
  readonly isLimited: boolean;
}

export const nothingClaimed: ClaimedShare = { deliveries: [], unsent: 0, isLimited: false };

/** Claims as many deliveries of a share as its limit allows. Those that cannot be decrypted are given back. */
export function claimShare({ databases, secrets, log }: Services, { tenantId, webhookIds, limit }: Share): Promise<ClaimedShare> {
  return asTenant(databases.app, { tenantId }, "write", async (tx) => {
    const locked = await lockForClaim(tx, webhookIds);
    if (locked.length === 0) return nothingClaimed;
    const found = await claimDeliveries(tx, locked, limit);
    const rows = found.filter(isClaimed);
    const webhooks = new Map(rows.map((row) => [row.webhookId, toSealed(row)]));
    const opened = await openWebhooks(tx, secrets, tenantId, [...webhooks.values()]);
    const stored = rows.map((row) => ({ id: row.id, webhookId: row.webhookId, eventId: row.eventId, body: row.body }));
    const bodies = await openBodies(tx, secrets, tenantId, stored);
    const isUnreadable = ({ id, body }: Claimed): boolean => body !== null && !bodies.has(id);
    const deliveries = rows.flatMap((row) => {
      const webhook = opened.get(row.webhookId);
      return webhook === undefined || isUnreadable(row) ? [] : [toOutgoing(row, { ...webhook, body: bodies.get(row.id) ?? null })];
    });
    await giveBack(tx, log, tenantId, {
      ofUnreadable: rows.filter((row) => !opened.has(row.webhookId)),
      unreadable: rows.filter((row) => opened.has(row.webhookId) && isUnreadable(row)),
    });
    const recovered = new Set(rows.filter((row) => row.wasUnreadable && opened.has(row.webhookId)).map((row) => row.webhookId));
    for (const webhookId of recovered) await clearUnreadable(tx, webhookId);
    return { deliveries, unsent: found.length - deliveries.length, isLimited: rows.some((row) => row.isLimited) };
  });
}

interface Unreadable {
  /** Deliveries of webhooks whose secret or headers cannot be decrypted. */
  readonly ofUnreadable: readonly Claimed[];
  /** Deliveries whose own body cannot be decrypted. */
  readonly unreadable: readonly Claimed[];
}

/** Gives deliveries back that cannot be sent. */
async function giveBack(tx: Tx, log: Services["log"], tenantId: string, { ofUnreadable, unreadable }: Unreadable): Promise<void> {
  const webhookIds = [...new Set(ofUnreadable.map((row) => row.webhookId))];
  await blockUnreadable(tx, { deliveryIds: ofUnreadable.map(({ id }) => id), webhookIds });
  await rebuildUnreadableBodies(
    tx,
    unreadable.map(({ id }) => id),
  );
  for (const webhookId of webhookIds)
    log.error({ tenantId, webhookId }, "the secret or the headers of a webhook cannot be decrypted; its deliveries wait");
  for (const { id: deliveryId } of unreadable)
    log.error({ tenantId, deliveryId }, "the stored body of a webhook's delivery cannot be decrypted; it is built again");
}

type Claimed = ClaimedRow & { readonly claimToken: string };

const isClaimed = (row: ClaimedRow): row is Claimed => row.claimToken !== null;

const toSealed = ({ webhookId: id, secret, previousSecret, headers }: ClaimedRow) => ({ id, secret, previousSecret, headers });

function toOutgoing(row: Claimed, { secrets, headers, body }: OpenedWebhook & { readonly body: string | null }): OutgoingDelivery {
  const { id, webhookId, claimToken, messageId, attempts, url, payloadUserId } = row;
  return { id, webhookId, claimToken, messageId, attempts, url, headers, secrets, body: body ?? eventBody(row), payloadUserId };
}

function eventBody(row: ClaimedRow): string | null {
  if (row.type === null || row.eventId === null) return null;
  return webhookBody({
    id: row.eventId,
    type: row.type,
    typeVersion: row.typeVersion,
    subjectType: row.subjectType,
    subjectId: row.subjectId,
    subjectVersion: row.subjectVersion,
    related: row.related,
    payload: row.payload,
    actorId: row.actorId,
    onBehalfOf: row.onBehalfOf,
    causeId: row.causeId,
    occurredAt: row.occurredAt,
  });
}
