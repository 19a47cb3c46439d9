-- Up Migration
-- Endpoints that answer slowly get one request at a time.

-- The endpoint has answered slowly, and counts as slow until then.
alter table events.webhook_states add column slow_until timestamptz;

-- Down Migration
alter table events.webhook_states drop column slow_until;
