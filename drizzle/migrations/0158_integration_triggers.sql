-- Up Migration
-- Triggers of integrations: what is polled in other systems, and how its items become custom events.

create table events.integration_triggers (
  tenant_id uuid not null,
  id uuid not null,
  integration_id uuid not null,
  name text not null,
  -- Key of the trigger of the connector.
  trigger text not null,
  configuration jsonb not null,
  interval_seconds integer not null,
  -- Name of the custom event that an item becomes.
  event_type text not null,
  -- CEL; empty: every item.
  condition text not null default '',
  -- Expressions by property of the event's payload. Null: the item. JSON, so that the order of the properties is kept.
  payload json,
  -- Expression: ID of the object that the event is about.
  subject text,
  status text not null default 'ACTIVE',
  -- Whether the next start publishes what exists already.
  is_from_beginning boolean not null default false,
  -- Null: the next poll starts, and finds the cursor.
  started_at timestamptz,
  -- Where the next poll continues. Encrypted, because it can contain values of the other system.
  cursor text,
  -- While a poll runs: the time after which another worker can take it over.
  next_poll_at timestamptz not null default now(),
  claim_token uuid,
  last_polled_at timestamptz,
  last_succeeded_at timestamptz,
  failures_in_row integer not null default 0,
  -- Encrypted: it can quote an item.
  last_error text,
  last_error_at timestamptz,
  published_count integer not null default 0,
  ignored_count integer not null default 0,
  failed_count integer not null default 0,
  -- The user in whose name events are published: who last saved the trigger.
  user_id uuid not null,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint integration_triggers_pkey primary key (tenant_id, id),
  constraint integration_triggers_integration_fkey foreign key (tenant_id, integration_id)
    references events.integrations (tenant_id, id) on delete cascade,
  constraint integration_triggers_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint integration_triggers_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint integration_triggers_status_check check (status in ('ACTIVE', 'PAUSED')),
  constraint integration_triggers_interval_check check (interval_seconds between 60 and 86400),
  constraint integration_triggers_cursor_check check (cursor is null or started_at is not null),
  constraint integration_triggers_error_check check ((last_error is null) = (last_error_at is null))
);
create index integration_triggers_of_integration on events.integration_triggers (tenant_id, integration_id, id);
create index integration_triggers_due on events.integration_triggers (next_poll_at, tenant_id) where status = 'ACTIVE';
create index integration_triggers_due_of_tenant on events.integration_triggers (tenant_id, next_poll_at, id) where status = 'ACTIVE';
call app.protect('events.integration_triggers');

-- Down Migration
drop table events.integration_triggers;
