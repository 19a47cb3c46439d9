import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { PersonKeyring } from "@weft/platform/privacy";
import { audienceOf, type DeliveryServices, isShown, queueDeliveries } from "./deliveries/queue.js";
import type { Notice } from "./notices/notice.js";
import { insertNotifications } from "./notification.store.js";

/** What notifying needs: the keys of persons, and what it takes to send notifications outside the app. */
export type NotifyServices = DeliveryServices & { readonly keyring: PersonKeyring };

/**
 * Notifies users of an event, in the transaction of the consumer that handles it: in the app, and by email as they have chosen. At most one notification
 * per user, event and kind; of rules, one for each rule.
 */
export async function notify(
  tx: Tx,
  { event, services }: { readonly event: EventEnvelope; readonly services: NotifyServices },
  notices: readonly Notice[],
): Promise<void> {
  if (notices.length === 0) return;
  const { tenantId, actorId, onBehalfOf, requestId, traceId } = event;
  const { keyring } = services;
  const meta = { tenantId, actorId, onBehalfOf, requestId, traceId, sessionId: null, address: null, keyring };
  const audience = await audienceOf(tx, services, { tenantId, userIds: [...new Set(notices.flatMap(({ userIds }) => userIds))] });
  for (const { kind, title, params, subject, userIds, rule } of notices) {
    const notification = {
      tenantId,
      eventId: event.id,
      kind,
      title,
      params,
      subjectType: subject.type,
      subjectId: subject.id,
      createdAt: event.occurredAt,
      ruleId: rule?.id ?? null,
    };
    const hiddenFrom = new Set(userIds.filter((id) => !isShown(audience, id, kind, rule)));
    const inserted = await insertNotifications(tx, notification, { userIds, hiddenFrom });
    await queueDeliveries(tx, audience, { ...notification, event, services, rule }, inserted);
    await appendEvents(
      tx,
      meta,
      inserted
        .filter(({ userId }) => !hiddenFrom.has(userId))
        .map(({ id, userId }) => ({
          ...({ type: "notification.created", subjectId: id, subjectVersion: 1, causeId: event.id } as const),
          related: { user: userId },
          payload: { notificationId: id, userId, kind },
        })),
    );
  }
}
