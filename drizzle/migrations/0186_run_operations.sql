-- Up Migration
-- What people see of runs and do with them: attempts, usage, logs, and runs that continue others.

alter table workflows.runs
  -- When the instance left the state. The run stops then, and its end has no effect.
  add column left_at timestamptz,
  -- When its first step was looked at, in true time.
  add column began_at timestamptz,
  -- The run whose results it has taken over. A run is continued once, so that what was done is undone once.
  add column retried_from_id uuid,
  -- Whether somebody watches it live, so that every change is announced.
  add column is_watched boolean not null default false,
  add column attempts integer not null default 0,
  add column processor_ms bigint not null default 0,
  add column memory_bytes bigint not null default 0,
  add column calls bigint not null default 0,
  add column tokens_in bigint not null default 0,
  add column tokens_out bigint not null default 0,
  add column cost_micros bigint not null default 0,
  add column log_lines integer not null default 0,
  add column log_bytes integer not null default 0,
  add constraint runs_retried_from_key unique (tenant_id, retried_from_id);
create index runs_by_creation on workflows.runs (tenant_id, created_at, id);
create index runs_by_status on workflows.runs (tenant_id, status, created_at, id);

alter table workflows.run_steps
  add column attempt_started_at timestamptz,
  -- Of the current attempt.
  add column usage jsonb;

-- Attempts that another one follows. The last attempt of a step is its row.
create table workflows.run_attempts (
  tenant_id uuid not null,
  run_id uuid not null,
  step text not null,
  is_compensation boolean not null,
  attempt integer not null,
  status text not null,
  error jsonb,
  usage jsonb,
  started_at timestamptz,
  finished_at timestamptz not null,
  constraint run_attempts_pkey primary key (tenant_id, run_id, step, is_compensation, attempt),
  constraint run_attempts_status_check check (status in ('FAILED', 'LOST')),
  constraint run_attempts_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade
);
call app.protect('workflows.run_attempts');

create table workflows.run_logs (
  tenant_id uuid not null,
  run_id uuid not null,
  -- 1 to n without a gap, in the order of their commits.
  line integer not null,
  id uuid not null,
  step text not null,
  attempt integer not null,
  stream text not null,
  text text not null,
  at timestamptz not null,
  constraint run_logs_pkey primary key (tenant_id, run_id, line),
  constraint run_logs_stream_check check (stream in ('stdout', 'stderr', 'system')),
  constraint run_logs_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade
);
create index run_logs_by_step on workflows.run_logs (tenant_id, run_id, step, line);
call app.protect('workflows.run_logs');

-- Down Migration
drop table workflows.run_logs;
drop table workflows.run_attempts;
alter table workflows.run_steps drop column usage, drop column attempt_started_at;
drop index workflows.runs_by_status, workflows.runs_by_creation;
alter table workflows.runs
  drop constraint runs_retried_from_key,
  drop column left_at, drop column began_at, drop column retried_from_id, drop column is_watched, drop column attempts, drop column processor_ms,
  drop column memory_bytes, drop column calls, drop column tokens_in, drop column tokens_out, drop column cost_micros, drop column log_lines,
  drop column log_bytes;
