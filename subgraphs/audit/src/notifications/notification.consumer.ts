import { showDeleted } from "@weft/platform/db";
import type { EventConsumer } from "@weft/platform/events";
import { notify, type NotifyServices } from "./notify.js";
import { noticedTypes, noticesOf } from "./recipients.js";

/**
 * Creates notifications from events: a task was opened for you, your request had a transition, work was assigned to you. At most one per user, event and
 * kind. Queues the emails that the users want.
 */
export function notificationConsumer(services: NotifyServices): EventConsumer {
  return {
    name: "notifications",
    types: noticedTypes,
    handle: async (tx, event) => {
      // A request can be deleted before its last events are consumed. Its notifications then appear when it is restored.
      await showDeleted(tx);
      await notify(tx, { event, services }, await noticesOf(tx, event));
    },
  };
}
