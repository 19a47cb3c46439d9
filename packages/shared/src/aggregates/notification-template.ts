import type { Aggregate } from "./aggregate.js";

export const notificationTemplate = {
  types: { notificationTemplate: { prefix: "ntt", table: "audit.notification_templates", role: "subject", changes: "CONFIGURATION" } },
} as const satisfies Aggregate;
