-- Up Migration
-- Webhooks: endpoints that receive events, what was sent to them, and what they answered.

create table events.webhooks (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  url text not null,
  -- Null: events of all types.
  event_types text[],
  -- CEL; empty: every event of the types.
  condition text not null default '',
  header_names text[] not null default '{}',
  -- The values, as encrypted JSON.
  headers text,
  is_ordered boolean not null default false,
  -- Requests per second.
  rate_limit integer,
  status text not null default 'ACTIVE',
  stop_reason text,
  status_changed_at timestamptz not null,
  -- Encrypted, as are the headers.
  secret text not null,
  previous_secret text,
  previous_secret_expires_at timestamptz,
  -- A webhook receives only events that are numbered after it was created or activated again.
  after_position bigint not null default 0,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint webhooks_pkey primary key (tenant_id, id),
  constraint webhooks_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint webhooks_status_check check (status in ('ACTIVE', 'PAUSED', 'DISABLED')),
  constraint webhooks_reason_check check ((status = 'DISABLED') = (stop_reason is not null) and stop_reason in ('GONE', 'FAILING')),
  constraint webhooks_types_check check (cardinality(event_types) > 0),
  constraint webhooks_rate_check check (rate_limit between 1 and 1000),
  constraint webhooks_headers_check check ((headers is null) = (cardinality(header_names) = 0)),
  constraint webhooks_previous_check check ((previous_secret is null) = (previous_secret_expires_at is null))
);
create index webhooks_by_age on events.webhooks (tenant_id, created_at, id);
call app.protect('events.webhooks');

-- What changes with deliveries, apart from the webhook itself. Its row is the lock under which deliveries of the webhook are claimed.
create table events.webhook_states (
  tenant_id uuid not null,
  webhook_id uuid not null,
  consecutive_failures integer not null default 0,
  failing_since timestamptz,
  -- The endpoint asked for a pause.
  blocked_until timestamptz,
  -- The time up to which the rate limit is used up.
  rate_used_until timestamptz,
  constraint webhook_states_pkey primary key (tenant_id, webhook_id),
  constraint webhook_states_webhook_fkey foreign key (tenant_id, webhook_id) references events.webhooks (tenant_id, id) on delete cascade,
  constraint webhook_states_failing_check check ((consecutive_failures = 0) = (failing_since is null))
);
call app.protect('events.webhook_states');

create table events.webhook_deliveries (
  tenant_id uuid not null,
  id uuid not null,
  webhook_id uuid not null,
  -- The order in which deliveries were queued.
  seq bigint not null generated always as identity,
  -- The header webhook-id: the same for all deliveries of an event.
  message_id text not null,
  -- Null: a test.
  event_id uuid,
  event_type text not null,
  subject_id uuid not null,
  replay_of uuid,
  -- Stored only for tests. Otherwise it is derived from the event.
  body text,
  status text not null default 'PENDING',
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  lease_until timestamptz,
  claim_token uuid,
  last_status integer,
  last_error text,
  last_latency_ms integer,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint webhook_deliveries_pkey primary key (tenant_id, id),
  constraint webhook_deliveries_webhook_fkey foreign key (tenant_id, webhook_id) references events.webhooks (tenant_id, id) on delete cascade,
  constraint webhook_deliveries_status_check check (status in ('PENDING', 'DELIVERED', 'FAILED', 'CANCELLED')),
  constraint webhook_deliveries_next_check check ((status = 'PENDING') = (next_attempt_at is not null)),
  constraint webhook_deliveries_finished_check check ((status = 'PENDING') = (finished_at is null)),
  constraint webhook_deliveries_body_check check ((event_id is null) = (body is not null)),
  constraint webhook_deliveries_lease_check check ((claim_token is null) = (lease_until is null) and (claim_token is null or status = 'PENDING'))
);
-- An event is queued once for each webhook. Replays are further rows.
create unique index webhook_deliveries_event_key on events.webhook_deliveries (tenant_id, webhook_id, event_id) where replay_of is null and event_id is not null;
create index webhook_deliveries_due on events.webhook_deliveries (tenant_id, webhook_id, next_attempt_at, seq) where status = 'PENDING';
create index webhook_deliveries_claimed on events.webhook_deliveries (tenant_id, webhook_id, lease_until) where claim_token is not null;
create index webhook_deliveries_in_order on events.webhook_deliveries (tenant_id, webhook_id, subject_id, seq) where status = 'PENDING';
create index webhook_deliveries_by_age on events.webhook_deliveries (tenant_id, created_at, id);
create index webhook_deliveries_of_webhook on events.webhook_deliveries (tenant_id, webhook_id, created_at, id);
create index webhook_deliveries_replays on events.webhook_deliveries (tenant_id, replay_of) where replay_of is not null;
call app.protect('events.webhook_deliveries');

create table events.webhook_attempts (
  tenant_id uuid not null,
  id uuid not null,
  delivery_id uuid not null,
  number integer not null,
  started_at timestamptz not null,
  latency_ms integer not null,
  -- Without the values of custom headers.
  request_headers jsonb not null,
  -- Null: there was no response.
  status integer,
  response_headers jsonb,
  response_body text,
  is_truncated boolean not null default false,
  error text,
  constraint webhook_attempts_pkey primary key (tenant_id, id),
  constraint webhook_attempts_delivery_fkey foreign key (tenant_id, delivery_id) references events.webhook_deliveries (tenant_id, id) on delete cascade
);
create index webhook_attempts_by_delivery on events.webhook_attempts (tenant_id, delivery_id, number);
call app.protect('events.webhook_attempts');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["webhook.read", "webhook.manage"]},
  "developer": {"TENANT": ["webhook.read", "webhook.manage"]}
}');

-- Down Migration
drop table events.webhook_attempts, events.webhook_deliveries, events.webhook_states, events.webhooks;
