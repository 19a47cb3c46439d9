import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const notification = {
  types: { notification: { prefix: "ntf", typeName: "Notification", table: "audit.notifications", role: "subject" } },
  permissions: {
    "notification.read": "Read your own notifications.",
    "notification.manage":
      "Manage rules of notifications; view the deliveries of notifications, send them again, and lift suppressions of email addresses.",
  },
  events: {
    "notification.created": {
      related: ["user"],
      visibility: "user",
      payload: z.strictObject({ notificationId: z.uuid(), userId: z.uuid(), kind: z.string() }),
    },
    "notification.read": { related: ["user"], visibility: "user", payload: z.strictObject({ notificationId: z.uuid(), userId: z.uuid() }) },
    "notification.archived": {
      related: ["user"],
      visibility: "user",
      payload: z.strictObject({ notificationId: z.uuid(), userId: z.uuid() }),
    },
    "notification.all_read": {
      subject: "user",
      // Lets users of vendors see their own.
      related: ["user"],
      visibility: "user",
      payload: z.strictObject({ userId: z.uuid(), count: z.int() }),
    },
    "notification.preferences_changed": { subject: "user", visibility: "internal", payload: z.strictObject({ userId: z.uuid() }) },
    "notification.destinations_changed": { subject: "user", visibility: "internal", payload: z.strictObject({ userId: z.uuid() }) },
    "notification.team_destinations_changed": { subject: "team", visibility: "internal", payload: z.strictObject({ teamId: z.uuid() }) },
    "notification.suppression_lifted": { subject: "user", visibility: "internal", payload: z.strictObject({ userId: z.uuid() }) },
  },
} as const satisfies Aggregate;
