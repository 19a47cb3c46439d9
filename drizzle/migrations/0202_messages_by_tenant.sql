-- Up Migration

-- Senders look for the first message of each tenant, and claim those of one tenant: those of others, which may be suspended, are not read.
create index notification_deliveries_next_of_tenant on audit.notification_deliveries (tenant_id, next_attempt_at) where next_attempt_at is not null;
drop index audit.notification_deliveries_next;

-- Down Migration

create index notification_deliveries_next on audit.notification_deliveries (next_attempt_at, tenant_id) where next_attempt_at is not null;
drop index audit.notification_deliveries_next_of_tenant;
