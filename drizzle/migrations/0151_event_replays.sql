-- Up Migration
-- Replays: deliveries of past events that a webhook never received, queued in the background.

create table events.replays (
  tenant_id uuid not null,
  id uuid not null,
  webhook_id uuid not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  -- Null: all types that the webhook receives.
  event_types text[],
  -- Events after the start and up to the end are examined. The position is that of the last examined one.
  start_position bigint not null,
  end_position bigint not null,
  position bigint not null,
  reached_at timestamptz,
  queued_count integer not null default 0,
  status text not null default 'RUNNING',
  created_by uuid not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint replays_pkey primary key (tenant_id, id),
  constraint replays_webhook_fkey foreign key (tenant_id, webhook_id) references events.webhooks (tenant_id, id) on delete cascade,
  constraint replays_status_check check (status in ('RUNNING', 'COMPLETED', 'LIMIT_REACHED', 'STOPPED')),
  constraint replays_finished_check check ((status = 'RUNNING') = (finished_at is null)),
  constraint replays_period_check check (from_at <= to_at),
  constraint replays_position_check check (start_position <= position),
  constraint replays_types_check check (cardinality(event_types) > 0)
);
create unique index replays_running_key on events.replays (tenant_id, webhook_id) where status = 'RUNNING';
create index replays_by_webhook on events.replays (tenant_id, webhook_id);
call app.protect('events.replays');

-- Down Migration
drop table events.replays;
