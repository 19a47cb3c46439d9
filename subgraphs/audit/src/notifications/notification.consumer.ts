import { appendEvents, type EventConsumer, type PersonKeyring, showDeleted } from "@weft/shared";
import { insertNotifications } from "./notification.store.js";
import { noticedTypes, noticesOf } from "./recipients.js";

/**
 * Creates in-app notifications from events: a task was opened for you, your request had a transition, work was assigned to you. At most one per user,
 * event and kind.
 */
export function notificationConsumer(keyring: PersonKeyring): EventConsumer {
  return {
    name: "notifications",
    types: noticedTypes,
    handle: async (tx, event) => {
      const { tenantId, actorId, onBehalfOf, requestId, traceId } = event;
      const meta = { tenantId, actorId, onBehalfOf, requestId, traceId, sessionId: null, address: null, keyring };
      // A request can be deleted before its last events are consumed. Its notifications then appear when it is restored.
      await showDeleted(tx);
      for (const { kind, title, params, subject, userIds } of await noticesOf(tx, event)) {
        const told = {
          tenantId,
          eventId: event.id,
          kind,
          title,
          params,
          subjectType: subject.type,
          subjectId: subject.id,
          createdAt: event.occurredAt,
        };
        const inserted = await insertNotifications(tx, told, userIds);
        await appendEvents(
          tx,
          meta,
          inserted.map(({ id, userId }) => ({
            ...({ type: "notification.created", subjectId: id, subjectVersion: 1, causeId: event.id } as const),
            related: { user: userId },
            payload: { notificationId: id, userId, kind },
          })),
        );
      }
    },
  };
}
