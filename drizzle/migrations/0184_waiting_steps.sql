-- Up Migration
-- Steps of runs that wait for people and events.

-- What attempts of steps wait for. A row lives as long as the step waits.
create table workflows.step_waits (
  tenant_id uuid not null,
  run_id uuid not null,
  step text not null,
  attempt integer not null,
  is_compensation boolean not null,
  -- Type of the event, or the name under which a workflow emits it. Null: it waits only for a time.
  event text,
  -- Values that the payload must have.
  conditions jsonb,
  -- Payload of the event that has occurred.
  payload jsonb,
  -- When the step stops waiting, by the tenant's clock.
  wait_until timestamptz,
  constraint step_waits_pkey primary key (tenant_id, run_id, step),
  constraint step_waits_event_check check ((event is null) = (conditions is null)),
  constraint step_waits_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade
);
create index step_waits_by_event on workflows.step_waits (tenant_id, event) where event is not null;
create index step_waits_until on workflows.step_waits (wait_until) where wait_until is not null;
create index step_waits_until_by_tenant on workflows.step_waits (tenant_id, wait_until) where wait_until is not null;
call app.protect('workflows.step_waits');

-- The step of a run that has opened the task. Null: a state has.
alter table workflows.tasks add column step jsonb;

-- Operations of this API that steps ask a gateway to run. A row lives until its step has read the result.
create table workflows.step_operations (
  tenant_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  step text not null,
  -- The owner of the instance, with whose rights it runs. Null: there is none.
  user_id uuid,
  query text not null,
  variables jsonb not null,
  idempotency_key text not null,
  -- Until then, a gateway is at it.
  claimed_until timestamptz,
  result jsonb,
  created_at timestamptz not null default now(),
  constraint step_operations_pkey primary key (tenant_id, id),
  constraint step_operations_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade
);
create index step_operations_by_age on workflows.step_operations (tenant_id, created_at);
create index step_operations_by_run on workflows.step_operations (tenant_id, run_id);
call app.protect('workflows.step_operations');

-- Down Migration
drop table workflows.step_operations;
alter table workflows.tasks drop column step;
drop table workflows.step_waits;
