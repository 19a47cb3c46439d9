-- Up Migration
-- Integrations: connections to systems of the tenant, and the calls that are sent to them.

create table events.integrations (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  connector text not null,
  configuration jsonb not null,
  credentials text not null,
  credential_names text[] not null,
  status text not null default 'ACTIVE',
  health text not null default 'UNKNOWN',
  checked_at timestamptz,
  last_error text,
  last_error_at timestamptz,
  failures_in_row integer not null default 0,
  blocked_until timestamptz,
  call_count integer not null default 0,
  failed_call_count integer not null default 0,
  last_called_at timestamptz,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint integrations_pkey primary key (tenant_id, id),
  constraint integrations_key_key unique (tenant_id, key),
  constraint integrations_status_check check (status in ('ACTIVE', 'PAUSED')),
  constraint integrations_health_check check (health in ('UNKNOWN', 'HEALTHY', 'UNHEALTHY')),
  constraint integrations_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
create index integrations_by_name on events.integrations (tenant_id, name, id);
call app.protect('events.integrations');

create table events.integration_calls (
  tenant_id uuid not null,
  id uuid not null,
  integration_key text not null,
  integration_id uuid,
  action text not null,
  input text not null,
  status text not null default 'PENDING',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  claim_token uuid,
  result text,
  error text,
  event_id uuid,
  instance_id uuid,
  follow_up jsonb,
  follow_up_status text,
  follow_up_error text,
  created_by uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint integration_calls_pkey primary key (tenant_id, id),
  constraint integration_calls_status_check check (status in ('PENDING', 'DONE', 'FAILED', 'UNKNOWN', 'DEAD')),
  constraint integration_calls_follow_up_check check (follow_up_status in ('DONE', 'SKIPPED', 'FAILED')),
  constraint integration_calls_integration_fkey foreign key (tenant_id, integration_id) references events.integrations (tenant_id, id) on delete cascade,
  constraint integration_calls_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
create index integration_calls_due on events.integration_calls (tenant_id, next_attempt_at) where status = 'PENDING';
create index integration_calls_by_integration on events.integration_calls (tenant_id, integration_id, id);
create index integration_calls_by_instance on events.integration_calls (tenant_id, instance_id, id) where instance_id is not null;
create index integration_calls_by_age on events.integration_calls (tenant_id, finished_at) where status <> 'PENDING';
call app.protect('events.integration_calls');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["integration.read", "integration.manage"]}}');

-- Down Migration
drop table events.integration_calls;
drop table events.integrations;
