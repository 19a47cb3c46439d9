-- Up Migration
-- Deliveries are kept from their end on, not from their creation: those of a paused webhook can wait for a long time.

create index webhook_deliveries_finished on events.webhook_deliveries (tenant_id, finished_at, id) where finished_at is not null;

-- Down Migration
drop index events.webhook_deliveries_finished;
