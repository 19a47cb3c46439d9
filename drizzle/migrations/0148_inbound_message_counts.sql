-- Up Migration
-- Messages of inbound webhooks are counted by status, up to a limit, without reading the others.

create index inbound_messages_by_status on events.inbound_messages (tenant_id, webhook_id, status);

-- Down Migration
drop index events.inbound_messages_by_status;
