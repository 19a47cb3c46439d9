import { NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import type { MarkAllNotificationsReadInput } from "./notification.input.js";
import { archive, findNotifications, markAllRead, markRead } from "./notification.store.js";
import { toNotification, type NotificationPayload } from "./notification.type.js";

/** Marks one of the viewer's notifications as read. Repeating it changes nothing. */
export async function markNotificationRead(ctx: Context, input: IdInput): Promise<NotificationPayload> {
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

/** Archives one of the viewer's notifications, and marks it as read. Repeating it changes nothing. */
export async function archiveNotification(ctx: Context, input: IdInput): Promise<NotificationPayload> {
  const id = decodeId("notification", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const [before] = await findNotifications(tx, ctx.viewer, [id]);
    if (!before) throw new NotFound("Notification", input.id);
    const after = await archive(tx, ctx.viewer, id);
    if (after === null) return { notification: toNotification(before) };
    const { userId } = after;
    await appendEvents(tx, ctx.meta, [
      {
        type: "notification.archived",
        subjectId: id,
        subjectVersion: 3,
        related: { user: userId },
        payload: { notificationId: id, userId },
      },
    ]);
    await writeAudit(tx, ctx.meta, [{ action: "notification.archive", entityType: "notification", entityId: id, before, after }]);
    return { notification: toNotification(after) };
  });
}

/** Marks all of the viewer's notifications as read, up to a time. Returns their number. */
export async function markAllNotificationsRead(ctx: Context, { until }: MarkAllNotificationsReadInput): Promise<number> {
  const { userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const count = await markAllRead(tx, ctx.viewer, until ?? null);
    if (count === 0) return 0;
    await appendEvents(tx, ctx.meta, [
      { type: "notification.all_read", subjectId: userId, subjectVersion: 1, related: { user: userId }, payload: { userId, count } },
    ]);
    await writeAudit(tx, ctx.meta, [
      { action: "notification.readAll", entityType: "user", entityId: userId, before: null, after: { readCount: count } },
    ]);
    return count;
  });
}
