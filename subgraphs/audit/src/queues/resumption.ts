import { sql, type SQL } from "drizzle-orm";

/**
 * SQL of the time at which a channel of the tenant was resumed, or null. What waited for it is not too old to be sent: its age counts from then on, as
 * `greatest(created_at, …)`.
 */
export const channelResumedAt = (channel: "WEBHOOK" | "NOTIFICATION" | "CALL"): SQL =>
  sql`(select p.resumed_at from events.delivery_pauses p where p.tenant_id = app.tenant() and p.channel = ${channel})`;
