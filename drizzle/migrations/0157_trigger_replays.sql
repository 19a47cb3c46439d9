-- Up Migration
-- Replays: triggers act on past events, in the background.

create table workflows.trigger_replays (
  tenant_id uuid not null,
  id uuid not null,
  trigger_id uuid not null,
  -- A trigger that was changed is another one: its replay ends.
  trigger_version integer not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  -- Events after the start and up to the end are examined. The position is that of the last examined one.
  start_position bigint not null,
  end_position bigint not null,
  position bigint not null,
  reached_at timestamptz,
  examined_count integer not null default 0,
  run_count integer not null default 0,
  failed_count integer not null default 0,
  failures_in_row integer not null default 0,
  status text not null default 'RUNNING',
  stop_reason text,
  created_by uuid not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  constraint trigger_replays_pkey primary key (tenant_id, id),
  constraint trigger_replays_trigger_fkey foreign key (tenant_id, trigger_id) references workflows.triggers (tenant_id, id) on delete cascade,
  constraint trigger_replays_status_check check (status in ('RUNNING', 'COMPLETED', 'LIMIT_REACHED', 'STOPPED')),
  constraint trigger_replays_finished_check check ((status = 'RUNNING') = (finished_at is null)),
  constraint trigger_replays_reason_check check (
    (status = 'STOPPED') = (stop_reason is not null)
    and stop_reason in ('TRIGGER_INACTIVE', 'TRIGGER_CHANGED', 'RUNS_FAILED', 'INTERNAL_ERROR')
  ),
  constraint trigger_replays_period_check check (from_at <= to_at),
  constraint trigger_replays_position_check check (start_position <= position),
  constraint trigger_replays_counts_check check (failed_count <= run_count and run_count <= examined_count)
);
create unique index trigger_replays_running_key on workflows.trigger_replays (tenant_id, trigger_id) where status = 'RUNNING';
create index trigger_replays_by_trigger on workflows.trigger_replays (tenant_id, trigger_id, created_at, id);
call app.protect('workflows.trigger_replays');

-- Down Migration
drop table workflows.trigger_replays;
