-- Up Migration
-- Escalations: chains that have begun, and what their levels did.

create table workflows.escalation_runs (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  definition_key text not null,
  -- Name of the escalation in the definition.
  chain text not null,
  title text not null,
  anchor text not null,
  -- The task from which it counts, or that its clock measures.
  task_id uuid,
  clock_id uuid,
  -- When the state was entered, the task opened, or the clock started.
  anchored_at timestamptz not null,
  -- Position of the next level, from 0.
  next_level integer not null default 0,
  -- How many escalations before it were due as soon as another one had begun them.
  depth integer not null default 0,
  started_at timestamptz not null,
  -- When what it counts from ended.
  ended_at timestamptz,
  end_reason text,
  constraint escalation_runs_pkey primary key (tenant_id, id),
  constraint escalation_runs_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint escalation_runs_task_fkey foreign key (tenant_id, task_id) references workflows.tasks (tenant_id, id),
  constraint escalation_runs_clock_fkey foreign key (tenant_id, clock_id) references workflows.sla_clocks (tenant_id, id),
  constraint escalation_runs_anchor_check check (anchor in ('STATE', 'TASK', 'SLA') and (anchor = 'SLA') = (clock_id is not null) and (anchor <> 'TASK' or task_id is not null)),
  constraint escalation_runs_level_check check (next_level between 0 and 10),
  constraint escalation_runs_ended_check check ((ended_at is null) = (end_reason is null))
);
create unique index escalation_runs_open_key on workflows.escalation_runs (tenant_id, instance_id, chain, coalesce(clock_id, task_id, instance_id)) where ended_at is null;
create index escalation_runs_by_instance on workflows.escalation_runs (tenant_id, instance_id, started_at, id);
create index escalation_runs_by_clock on workflows.escalation_runs (tenant_id, clock_id) where clock_id is not null;
create index escalation_runs_by_task on workflows.escalation_runs (tenant_id, task_id) where task_id is not null;
call app.protect('workflows.escalation_runs', vendor_sees => 'app.vendor_sees(instance_id)');

create table workflows.escalations (
  tenant_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  instance_id uuid not null,
  definition_key text not null,
  chain text not null,
  title text not null,
  -- Number of the level, from 1.
  level integer not null,
  anchor text not null,
  task_id uuid,
  due_at timestamptz not null,
  occurred_at timestamptz not null,
  outcome text not null,
  -- Why it was skipped, or failed.
  reason text,
  -- What each action did.
  actions jsonb not null default '[]',
  started_instance_id uuid,
  constraint escalations_pkey primary key (tenant_id, id),
  constraint escalations_run_fkey foreign key (tenant_id, run_id) references workflows.escalation_runs (tenant_id, id),
  constraint escalations_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  -- A level occurs once.
  constraint escalations_level_key unique (tenant_id, run_id, level),
  constraint escalations_outcome_check check (outcome in ('DONE', 'SKIPPED', 'FAILED') and (outcome = 'DONE' or reason is not null)),
  constraint escalations_due_check check (occurred_at >= due_at)
);
create index escalations_by_time on workflows.escalations (tenant_id, occurred_at, id);
create index escalations_by_instance on workflows.escalations (tenant_id, instance_id, occurred_at, id);
call app.protect('workflows.escalations', vendor_sees => 'app.vendor_sees(instance_id)');

-- Finds the next level of a chain.
create index timers_of_escalation on workflows.timers (tenant_id, instance_id) where kind = 'ESCALATION' and status = 'ARMED';

-- Down Migration
drop index workflows.timers_of_escalation;
drop table workflows.escalations, workflows.escalation_runs;
