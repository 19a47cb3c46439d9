import type { Context } from "@weft/api/context";
import type DataLoader from "dataloader";
import { findNotifications } from "./notification.store.js";
import { type Notification, toNotification } from "./notification.type.js";

/** Loads the viewer's own notifications, by UUID. */
export const notificationLoader = (ctx: Context): DataLoader<string, Notification | null> =>
  ctx.loader<string, Notification>("notification", async (tx, ids) => {
    const rows = await findNotifications(tx, ctx.viewer, ids);
    return new Map(rows.map((row) => [row.id, toNotification(row)]));
  });
