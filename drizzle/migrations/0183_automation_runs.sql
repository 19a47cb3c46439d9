-- Up Migration
-- Runs of steps: what a state's steps, or those of an automation, have done.

create table workflows.runs (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  definition_id uuid not null,
  state text not null,
  -- Of the instance after it entered the state.
  instance_version integer not null,
  status text not null default 'RUNNING',
  ending jsonb,
  inputs jsonb not null,
  outputs jsonb,
  has_begun boolean not null default false,
  -- Whether its end has had its effect on the instance.
  is_received boolean not null default false,
  -- When something must be done for the run itself. Null: only for its steps.
  due_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  finished_at timestamptz,
  constraint runs_pkey primary key (tenant_id, id),
  constraint runs_visit_key unique (tenant_id, instance_id, instance_version),
  constraint runs_status_check check (status in ('RUNNING', 'PAUSED', 'STOPPING', 'COMPENSATING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
  constraint runs_finished_check check ((finished_at is not null) = (status in ('SUCCEEDED', 'FAILED', 'CANCELED'))),
  constraint runs_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id) on delete cascade,
  constraint runs_definition_fkey foreign key (tenant_id, definition_id) references workflows.definitions (tenant_id, id)
);
create index runs_due on workflows.runs (due_at) where due_at is not null;
create index runs_due_by_tenant on workflows.runs (tenant_id, due_at) where due_at is not null;
create index runs_by_definition on workflows.runs (tenant_id, definition_id, id);
call app.protect('workflows.runs');

create table workflows.run_steps (
  tenant_id uuid not null,
  run_id uuid not null,
  -- ID of the step in the definition, with the index of the item in brackets.
  step text not null,
  id uuid not null,
  status text not null,
  attempt integer not null default 0,
  failures integer not null default 0,
  lost integer not null default 0,
  outputs jsonb,
  error jsonb,
  not_before timestamptz,
  is_fallback boolean not null default false,
  is_parked boolean not null default false,
  ended integer,
  item jsonb,
  compensation text,
  compensation_attempt integer not null default 0,
  -- When a worker must look at it: READY: it can begin; RUNNING: its lease is over; WAITING: its time has come.
  due_at timestamptz,
  lease_token uuid,
  started_at timestamptz,
  finished_at timestamptz,
  constraint run_steps_pkey primary key (tenant_id, run_id, step),
  constraint run_steps_id_key unique (tenant_id, id),
  constraint run_steps_status_check check (status in ('PENDING', 'READY', 'RUNNING', 'WAITING', 'SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELED')),
  constraint run_steps_compensation_check check (compensation in ('PENDING', 'READY', 'RUNNING', 'SUCCEEDED', 'FAILED')),
  constraint run_steps_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade
);
create index run_steps_due on workflows.run_steps (due_at) where due_at is not null;
create index run_steps_due_by_tenant on workflows.run_steps (tenant_id, due_at) where due_at is not null;
call app.protect('workflows.run_steps');

-- Down Migration
drop table workflows.run_steps;
drop table workflows.runs;
