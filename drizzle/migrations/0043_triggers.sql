-- Up Migration
-- Triggers: what happens when an event is written, and what they did.

create table workflows.triggers (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  event_type text not null,
  event_name text,
  -- CEL; empty: every event of the type.
  condition text not null default '',
  action text not null,
  definition_key text,
  data jsonb,
  correlation_key text,
  transition text,
  input jsonb,
  correlation text,
  correlation_field text,
  correlation_value text,
  max_matches integer not null default 10,
  on_no_match text not null default 'IGNORE',
  is_active boolean not null default true,
  stop_reason text,
  -- A trigger considers only events that are numbered after it was activated.
  after_position bigint not null default 0,
  -- With whose rights it acts.
  user_id uuid not null,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint triggers_pkey primary key (tenant_id, id),
  constraint triggers_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint triggers_action_check check (action in ('START', 'FIRE')),
  constraint triggers_start_check check ((action = 'FIRE' and on_no_match = 'IGNORE') or definition_key is not null),
  constraint triggers_fire_check check ((action = 'FIRE') = (transition is not null and correlation is not null)),
  constraint triggers_correlation_check check (correlation in ('SUBJECT', 'FIELD')),
  constraint triggers_field_check check ((correlation is not distinct from 'FIELD') = (correlation_field is not null and correlation_value is not null)),
  constraint triggers_matches_check check (max_matches between 1 and 100),
  constraint triggers_no_match_check check (on_no_match in ('IGNORE', 'START')),
  constraint triggers_reason_check check (stop_reason is null or (stop_reason = 'LOOP' and not is_active))
);
create index triggers_by_type on workflows.triggers (tenant_id, event_type, id) where is_active;
create index triggers_by_age on workflows.triggers (tenant_id, created_at, id);
call app.protect('workflows.triggers');

create table workflows.trigger_runs (
  tenant_id uuid not null,
  id uuid not null,
  trigger_id uuid not null,
  event_id uuid not null,
  event_type text not null,
  outcome text not null,
  message text,
  correlation_key text,
  instance_id uuid,
  instances jsonb not null default '[]',
  attempts integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint trigger_runs_pkey primary key (tenant_id, id),
  -- The same event twice has one effect.
  constraint trigger_runs_event_key unique (tenant_id, trigger_id, event_id),
  constraint trigger_runs_trigger_fkey foreign key (tenant_id, trigger_id) references workflows.triggers (tenant_id, id) on delete cascade,
  constraint trigger_runs_outcome_check check (outcome in ('STARTED', 'FIRED', 'IGNORED', 'REJECTED', 'FAILED', 'DUPLICATE'))
);
create index trigger_runs_by_age on workflows.trigger_runs (tenant_id, created_at, id);
create index trigger_runs_by_event on workflows.trigger_runs (tenant_id, event_id);
-- Is there an instance with this key already?
create index trigger_runs_by_key on workflows.trigger_runs (tenant_id, trigger_id, correlation_key, id)
  where outcome = 'STARTED' and correlation_key is not null;
call app.protect('workflows.trigger_runs');

-- Down Migration
drop table workflows.trigger_runs, workflows.triggers;
