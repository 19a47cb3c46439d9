import { primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
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

export const deliveryPausesFacts = facts(deliveryPauses, {
  public: "channel paused_at resumed_at",
  personal: { paused_by: "reason" },
  app: ["select", "insert", "update(reason,paused_by,paused_at,resumed_at)"],
  // Deliveries of paused channels wait.
  worker: ["select(tenant_id,channel,resumed_at)"],
  acrossTenants: "select",
});
