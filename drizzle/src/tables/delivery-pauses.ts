import { primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, tenantId } from "./columns.js";
import { eventsSchema } from "./events.js";

/** Channels whose deliveries wait, because an administrator paused them. */
export const deliveryPauses = eventsSchema.table(
  "delivery_pauses",
  {
    tenantId: tenantId(),
    /** WEBHOOK | NOTIFICATION | CALL */
    channel: text("channel").notNull(),
    reason: text("reason").notNull(),
    pausedBy: uuid("paused_by").notNull(),
    pausedAt: at("paused_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.channel] })],
);
