import { cursorOf, liveField } from "@weft/api/live";
import { can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { notificationLoader } from "./notification.loader.js";
import { NotificationReceived } from "./notification.type.js";

export const NotificationReceivedResolver = liveField({
  name: "notificationReceived",
  type: () => NotificationReceived,
  rule: can("notification.read"),
  vendorPortal: true,
  description: "Delivers your new notifications.",
  resolve: async (ctx, _args, event) => {
    if (event === null) return null;
    const notification = await notificationLoader(ctx).load(event.subjectId);
    return notification && Object.assign(new NotificationReceived(), { cursor: cursorOf(ctx, event), notification });
  },
});

export const notificationReceivedModule: SubgraphModule = { resolvers: { notifications: [NotificationReceivedResolver] } };
