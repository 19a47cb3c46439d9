import type { EventUse } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import { resendable } from "./notifications/deliveries/delivery.service.js";

/** The bodies of webhooks' deliveries are derived from their events, also when a delivery is repeated. Replays read the log. */
const ofWebhooks: EventUse = {
  needs: sql`exists (select from events.webhooks w cross join lateral (
      select from events.webhook_deliveries d
       where d.tenant_id = app.tenant() and d.webhook_id = w.id and d.event_id = l.id and d.replay_of is null limit 1) d where w.tenant_id = app.tenant())
    or exists (select from events.webhook_deliveries d where d.tenant_id = app.tenant() and d.event_id = l.id and d.replay_of is not null)`,
  hasReadUpTo: sql`(select min(r.position) from events.replays r where r.tenant_id = app.tenant() and r.status = 'RUNNING')`,
};

/** What an event concerns decides who gets the notification, until it is sent. Those that were not can be resent. */
const ofNotifications: EventUse = {
  needs: sql`l.id in (select d.event_id from audit.notification_deliveries d where d.tenant_id = app.tenant() and d.status = any(${sql.param(["QUEUED", "READY", "SENDING", ...resendable])}::text[]))`,
};

/** What this subgraph still needs of old events. */
export const auditEventUses: readonly EventUse[] = [ofWebhooks, ofNotifications];
