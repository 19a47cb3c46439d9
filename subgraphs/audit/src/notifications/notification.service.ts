import { appendEvents, type Context, decodeId, NotFound, writeAudit } from "@weft/shared";
import type { MarkNotificationReadInput, MarkNotificationReadPayload } from "./notification.input.js";
import { findNotifications, markRead } from "./notification.store.js";
import { toNotification } from "./notification.type.js";

/** Marks one of the viewer's notifications as read. Repeating it changes nothing. */
export async function markNotificationRead(ctx: Context, input: MarkNotificationReadInput): Promise<MarkNotificationReadPayload> {
  const id = decodeId("notification", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const [before] = await findNotifications(tx, ctx.viewer, [id]);
    if (!before) throw new NotFound("Notification", input.id);
    const after = await markRead(tx, ctx.viewer, id);
    if (after === null) return { notification: toNotification(before) };
    const { userId } = after;
    await appendEvents(tx, ctx.meta, [
      { type: "notification.read", subjectId: id, subjectVersion: 2, related: { user: userId }, payload: { notificationId: id, userId } },
    ]);
    await writeAudit(tx, ctx.meta, [{ action: "notification.read", entityType: "notification", entityId: id, before, after }]);
    return { notification: toNotification(after) };
  });
}
