-- Up Migration
-- Clocks of service-level agreements: ledgers of intervals.

-- Calendars with which intervals were counted, by the hash of their content. They stay, so that every interval can be counted again.
create table workflows.sla_calendars (
  tenant_id uuid not null,
  key text not null,
  -- Time zone, working hours and holidays; null: elapsed time.
  calendar jsonb,
  created_at timestamptz not null,
  constraint sla_calendars_pkey primary key (tenant_id, key),
  constraint sla_calendars_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('workflows.sla_calendars');

-- The newest entry of each ledger, and the times that follow from it.
create table workflows.sla_clocks (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  -- Only of a task's clock.
  task_id uuid,
  definition_key text not null,
  -- Key of the rule in the definition.
  rule text not null,
  title text not null,
  phase text not null,
  -- Why it is paused.
  paused_for text,
  is_paused_by_hand boolean not null default false,
  -- Which target applies.
  basis text not null,
  calendar_key text not null,
  target_seconds integer not null,
  warn_seconds integer[] not null,
  -- Working seconds consumed before the newest entry.
  consumed_seconds integer not null,
  entered_at timestamptz not null,
  started_at timestamptz not null,
  -- When the target is reached, or was; null while it is paused before it.
  due_at timestamptz,
  -- When the first warning is reached, or was.
  warn_at timestamptz,
  breached_at timestamptz,
  ended_at timestamptz,
  -- The last warning that was announced, in consumed seconds, and whether the breach was.
  told_seconds integer not null default 0,
  is_breach_told boolean not null default false,
  -- When the next warning or the breach is announced.
  next_at timestamptz,
  -- Number of entries.
  entries integer not null,
  constraint sla_clocks_pkey primary key (tenant_id, id),
  constraint sla_clocks_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint sla_clocks_task_fkey foreign key (tenant_id, task_id) references workflows.tasks (tenant_id, id),
  constraint sla_clocks_calendar_fkey foreign key (tenant_id, calendar_key) references workflows.sla_calendars (tenant_id, key),
  constraint sla_clocks_phase_check check (phase in ('RUN', 'PAUSE', 'MET', 'MISSED', 'CANCELLED')),
  constraint sla_clocks_ended_check check ((ended_at is null) = (phase in ('RUN', 'PAUSE'))),
  constraint sla_clocks_paused_check check ((paused_for is not null) = (phase = 'PAUSE'))
);
create unique index sla_clocks_open_key on workflows.sla_clocks (tenant_id, instance_id, rule, coalesce(task_id, instance_id)) where ended_at is null;
create index sla_clocks_by_instance on workflows.sla_clocks (tenant_id, instance_id, started_at, id);
create index sla_clocks_by_task on workflows.sla_clocks (tenant_id, task_id) where task_id is not null;
create index sla_clocks_next on workflows.sla_clocks (next_at, tenant_id) where next_at is not null;
create index sla_clocks_due on workflows.sla_clocks (tenant_id, due_at, id) where ended_at is null;
create index sla_clocks_by_start on workflows.sla_clocks (tenant_id, started_at, id);
create index sla_clocks_breached on workflows.sla_clocks (tenant_id, breached_at, id) where breached_at is not null;
create index sla_clocks_by_calendar on workflows.sla_clocks (tenant_id, calendar_key) where ended_at is null;
call app.protect('workflows.sla_clocks', vendor_sees => 'app.vendor_sees(instance_id)');

-- Entries. Each begins an interval, which ends where the next one begins.
create table workflows.sla_intervals (
  tenant_id uuid not null,
  clock_id uuid not null,
  position integer not null,
  instance_id uuid not null,
  phase text not null,
  cause text not null,
  from_at timestamptz not null,
  -- Working seconds consumed before it.
  consumed_seconds integer not null,
  target_seconds integer not null,
  warn_seconds integer[] not null,
  calendar_key text not null,
  actor_id uuid,
  reason text,
  constraint sla_intervals_pkey primary key (tenant_id, clock_id, position),
  constraint sla_intervals_clock_fkey foreign key (tenant_id, clock_id) references workflows.sla_clocks (tenant_id, id),
  constraint sla_intervals_calendar_fkey foreign key (tenant_id, calendar_key) references workflows.sla_calendars (tenant_id, key),
  constraint sla_intervals_phase_check check (phase in ('RUN', 'PAUSE', 'MET', 'MISSED', 'CANCELLED'))
);
call app.protect('workflows.sla_intervals', vendor_sees => 'app.vendor_sees(instance_id)');

-- Down Migration
drop table workflows.sla_intervals, workflows.sla_clocks, workflows.sla_calendars;
