import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const ofNotificationRule = {
  visibility: "subject",
  payload: z.strictObject({ name: z.string(), eventTypes: z.array(z.string()) }),
} as const;

export const notificationRule = {
  types: {
    notificationRule: {
      prefix: "ntr",
      typeName: "NotificationRule",
      table: "audit.notification_rules",
      role: "subject",
      changes: "CONFIGURATION",
    },
  },
  events: {
    "notificationRule.created": ofNotificationRule,
    "notificationRule.updated": ofNotificationRule,
    "notificationRule.deleted": ofNotificationRule,
  },
} as const satisfies Aggregate;
