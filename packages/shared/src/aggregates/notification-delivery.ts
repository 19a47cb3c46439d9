import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const notificationDelivery = {
  types: {
    notificationDelivery: { prefix: "ntd", table: "audit.notification_deliveries", role: "subject" },
    notificationDestination: { prefix: "nds", table: "audit.notification_destinations", role: "record" },
  },
  events: {
    /** Of a user, or of a team. */
    "notificationDelivery.resent": {
      related: ["user", "team"],
      visibility: "internal",
      payload: z.strictObject({ userId: z.uuid().optional(), teamId: z.uuid().optional() }),
    },
  },
} as const satisfies Aggregate;
