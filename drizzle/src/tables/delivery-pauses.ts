import { primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, tenantId } from "./columns.js";
import { eventsSchema } from "./events.js";

/** Channels whose deliveries wait, because an administrator paused them. The last pause of each is kept after it has ended. */
export const deliveryPauses = eventsSchema.table(
  "delivery_pauses",
  {
    tenantId: tenantId(),
    /** WEBHOOK | NOTIFICATION | CALL */
    channel: text("channel").notNull(),
    reason: text("reason").notNull(),
    pausedBy: uuid("paused_by").notNull(),
    pausedAt: at("paused_at").notNull().defaultNow(),
    /** Null while the channel is paused. */
    resumedAt: at("resumed_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.channel] })],
);
