-- Up Migration
-- Calls are limited per hour, found by the index of their integration, and not sent after more than a day.

alter table events.integrations
  add column resumed_at timestamptz,
  add column hour_started_at timestamptz,
  add column calls_in_hour integer not null default 0,
  add column limited_until timestamptz;

alter table events.integration_calls drop constraint integration_calls_status_check;
alter table events.integration_calls
  add constraint integration_calls_status_check check (status in ('PENDING', 'DONE', 'FAILED', 'UNKNOWN', 'DEAD', 'EXPIRED'));

-- A sender looks up the first call of each integration, so that calls of paused integrations are never read.
create index integration_calls_to_send on events.integration_calls (tenant_id, integration_id, next_attempt_at, id) where status = 'PENDING';
drop index events.integration_calls_due;

-- Down Migration
create index integration_calls_due on events.integration_calls (tenant_id, next_attempt_at) where status = 'PENDING';
drop index events.integration_calls_to_send;
update events.integration_calls set status = 'UNKNOWN' where status = 'EXPIRED';
alter table events.integration_calls drop constraint integration_calls_status_check;
alter table events.integration_calls
  add constraint integration_calls_status_check check (status in ('PENDING', 'DONE', 'FAILED', 'UNKNOWN', 'DEAD'));
alter table events.integrations
  drop column limited_until,
  drop column calls_in_hour,
  drop column hour_started_at,
  drop column resumed_at;
