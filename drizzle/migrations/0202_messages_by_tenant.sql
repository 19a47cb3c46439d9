-- Up Migration

-- Each sender looks for the first message of each tenant in its channels, and claims those of one tenant. Messages that wait in other channels, and those of other tenants, which may be
-- suspended, are not read.
create index notification_deliveries_next_email on audit.notification_deliveries (tenant_id, next_attempt_at)
  where next_attempt_at is not null and channel = 'EMAIL';
create index notification_deliveries_next_destination on audit.notification_deliveries (tenant_id, next_attempt_at)
  where next_attempt_at is not null and channel in ('CHAT', 'WEB_PUSH');
create index notification_deliveries_next_text on audit.notification_deliveries (tenant_id, next_attempt_at)
  where next_attempt_at is not null and channel = 'SMS';
-- Metrics count the due ones of all channels.
create index notification_deliveries_next_of_tenant on audit.notification_deliveries (tenant_id, next_attempt_at) where next_attempt_at is not null;
drop index audit.notification_deliveries_next;

-- Down Migration

create index notification_deliveries_next on audit.notification_deliveries (next_attempt_at, tenant_id) where next_attempt_at is not null;
drop index audit.notification_deliveries_next_of_tenant, audit.notification_deliveries_next_text, audit.notification_deliveries_next_destination,
  audit.notification_deliveries_next_email;
