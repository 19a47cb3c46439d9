import { sql, type SQL } from "drizzle-orm";

type Channel = "WEBHOOK" | "NOTIFICATION" | "CALL";

/**
 * SQL of the time at which a channel of the tenant was resumed, or null. What waited for it is not too old to be sent: its age counts from then on, as
 * `greatest(created_at, …)`.
 */
export const channelResumedAt = (channel: Channel): SQL =>
  sql`(select p.resumed_at from events.delivery_pauses p where p.tenant_id = app.tenant() and p.channel = ${channel})`;

/** SQL condition: the channel of a tenant is not paused. */
export const isChannelOpen = (channel: Channel, tenantId = sql`app.tenant()`): SQL =>
  sql`not exists (select from events.delivery_pauses p where p.tenant_id = ${tenantId} and p.channel = ${channel} and p.resumed_at is null)`;
