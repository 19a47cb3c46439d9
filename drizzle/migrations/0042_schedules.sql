-- Up Migration
-- Schedules start instances of a definition at planned times. A run and the start of its instance are one transaction, and a planned time has at most one run.

create table workflows.schedules (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  definition_key text not null,
  -- DEV | STAGING | PROD
  environment text not null,
  data jsonb not null,
  team_id uuid,
  -- The user on whose behalf instances are started.
  owner_id uuid not null,
  -- Exactly one of the three.
  cron text,
  every_seconds integer,
  run_at timestamptz,
  time_zone text not null,
  starts_at timestamptz,
  ends_at timestamptz,
  jitter_seconds integer not null,
  missed_runs text not null,
  catch_up_seconds integer not null,
  overlap text not null,
  queue_limit integer not null,
  max_failures integer not null,
  failures_in_row integer not null default 0,
  status text not null default 'ACTIVE',
  pause_reason text,
  -- Null if the schedule paused itself.
  paused_by uuid,
  paused_at timestamptz,
  paused_until timestamptz,
  -- Since when the planned times are these. Intervals are counted from it unless there is a start.
  planned_since timestamptz not null,
  -- The next planned time, and when its run starts.
  next_planned_at timestamptz,
  next_run_at timestamptz,
  -- When a worker must look at the schedule: for the next run, or for one that waits.
  due_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint schedules_pkey primary key (tenant_id, id),
  constraint schedules_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint schedules_timing_check check (num_nonnulls(cron, every_seconds, run_at) = 1),
  constraint schedules_environment_check check (environment in ('DEV', 'STAGING', 'PROD')),
  constraint schedules_missed_runs_check check (missed_runs in ('SKIP', 'RUN_ONCE', 'RUN_ALL')),
  constraint schedules_overlap_check check (overlap in ('ALLOW', 'SKIP', 'QUEUE', 'CANCEL_OLD')),
  constraint schedules_status_check check (status in ('ACTIVE', 'PAUSED', 'ENDED')),
  constraint schedules_paused_check check ((status = 'PAUSED') = (paused_at is not null))
);
create index schedules_by_name on workflows.schedules (tenant_id, name, id);
create index schedules_due on workflows.schedules (due_at, tenant_id) where due_at is not null;
create index schedules_due_in_tenant on workflows.schedules (tenant_id, due_at, id) where due_at is not null;
call app.protect('workflows.schedules');

create table workflows.schedule_runs (
  tenant_id uuid not null,
  id uuid not null,
  schedule_id uuid not null,
  planned_at timestamptz not null,
  -- SCHEDULED | MANUAL | BACKFILL
  kind text not null,
  -- STARTED: its instance says what became of it.
  status text not null,
  instance_id uuid,
  code text,
  message text,
  -- Of a manual or backfilled run.
  requested_by uuid,
  created_at timestamptz not null,
  started_at timestamptz,
  -- Its instance has not ended, as far as a worker has seen.
  is_open boolean not null default false,
  constraint schedule_runs_pkey primary key (tenant_id, id),
  constraint schedule_runs_planned_key unique (tenant_id, schedule_id, planned_at),
  constraint schedule_runs_schedule_fkey foreign key (tenant_id, schedule_id) references workflows.schedules (tenant_id, id) on delete cascade,
  constraint schedule_runs_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint schedule_runs_kind_check check (kind in ('SCHEDULED', 'MANUAL', 'BACKFILL')),
  constraint schedule_runs_status_check check (status in ('QUEUED', 'STARTED', 'FAILED', 'SKIPPED', 'MISSED')),
  constraint schedule_runs_started_check check ((status = 'STARTED') = (instance_id is not null)),
  constraint schedule_runs_started_at_check check ((status = 'STARTED') = (started_at is not null))
);
create index schedule_runs_by_instance on workflows.schedule_runs (tenant_id, instance_id) where instance_id is not null;
create index schedule_runs_open on workflows.schedule_runs (tenant_id, schedule_id, planned_at, id) where is_open;
create index schedule_runs_queued on workflows.schedule_runs (tenant_id, schedule_id, planned_at, id) where status = 'QUEUED';
call app.protect('workflows.schedule_runs');

-- Down Migration
drop table workflows.schedule_runs, workflows.schedules;
