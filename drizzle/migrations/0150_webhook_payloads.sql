-- Up Migration
-- Payloads of webhooks that a GraphQL query selects. The gateway builds them, once for each delivery.

alter table events.webhooks
  add column payload_query text,
  -- The query runs with the rights of this user.
  add column payload_user_id uuid,
  -- Raised whenever the query, its user, or the destination changes.
  add column payload_generation integer not null default 0,
  add constraint webhooks_payload_check check ((payload_query is null) = (payload_user_id is null));
alter table events.webhook_states add column payload_error text;
alter table events.webhook_deliveries
  add column has_payload boolean not null default false,
  -- Null: nothing is to be built. While it is built, the time after which it is built again.
  add column payload_due_at timestamptz,
  add column payload_attempts integer not null default 0,
  -- The user whose data the body contains.
  add column payload_user_id uuid,
  -- That of the webhook for which the body was built.
  add column payload_generation integer,
  -- Claims in a row that no gateway has ended.
  add column payload_lapses integer not null default 0,
  -- Since when it could not be built. Null if the last attempt did not fail.
  add column payload_failing_since timestamptz,
  drop constraint webhook_deliveries_next_check,
  add constraint webhook_deliveries_next_check check (
    (next_attempt_at is null or status = 'PENDING') and (status <> 'PENDING' or next_attempt_at is not null or payload_due_at is not null)),
  add constraint webhook_deliveries_payload_check check (payload_due_at is null or (has_payload and next_attempt_at is null)),
  drop constraint webhook_deliveries_body_check,
  add constraint webhook_deliveries_body_check check ((event_id is null or has_payload or body is null) and (event_id is not null or body is not null));
-- The user whose data the request contained, and the response can repeat. It can differ from that of the delivery, if the webhook has changed since.
alter table events.webhook_attempts add column payload_user_id uuid;
create index webhook_deliveries_payload_due on events.webhook_deliveries (tenant_id, payload_due_at, seq)
  where status = 'PENDING' and payload_due_at is not null;
create index webhook_deliveries_payload_of_webhook on events.webhook_deliveries (tenant_id, webhook_id, payload_due_at, seq)
  where status = 'PENDING' and payload_due_at is not null;

-- Down Migration
delete from events.webhook_deliveries where has_payload;
alter table events.webhook_deliveries
  drop constraint webhook_deliveries_body_check,
  add constraint webhook_deliveries_body_check check ((event_id is null) = (body is not null)),
  drop constraint webhook_deliveries_payload_check,
  drop constraint webhook_deliveries_next_check,
  drop column has_payload,
  drop column payload_due_at,
  drop column payload_attempts,
  drop column payload_generation,
  drop column payload_lapses,
  drop column payload_failing_since,
  drop column payload_user_id;
alter table events.webhook_deliveries
  add constraint webhook_deliveries_next_check check ((status = 'PENDING') = (next_attempt_at is not null));
alter table events.webhook_attempts drop column payload_user_id;
alter table events.webhook_states drop column payload_error;
alter table events.webhooks drop column payload_query, drop column payload_user_id, drop column payload_generation;
