-- Up Migration
-- Timers of instances and of their tasks. A row is set, fires once, or is cleared, in the transaction of what causes it. It is the truth: no job library knows
-- of it.

create table workflows.timers (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  -- Null: the timer is one of the instance.
  task_id uuid,
  -- STATE, TASK: set by the definition. SLA_WARNING, SLA_BREACH, ESCALATION: set by service levels and escalations.
  kind text not null,
  name text not null,
  -- The state in which it was set.
  state text not null,
  -- In the tenant's time.
  due_at timestamptz not null,
  status text not null default 'ARMED',
  -- Set, but its instance is suspended or has an incident, so it waits, whatever the time.
  is_held boolean not null default false,
  armed_at_version integer not null,
  payload jsonb not null default '{}',
  attempts integer not null default 0,
  -- Why it was skipped, failed or was changed.
  reason text,
  version integer not null default 1,
  created_at timestamptz not null,
  ended_at timestamptz,
  constraint timers_pkey primary key (tenant_id, id),
  constraint timers_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint timers_kind_check check (kind in ('STATE', 'TASK', 'SLA_WARNING', 'SLA_BREACH', 'ESCALATION')),
  constraint timers_status_check check (status in ('ARMED', 'FIRED', 'CLEARED', 'SKIPPED', 'FAILED')),
  constraint timers_ended_check check ((status = 'ARMED') = (ended_at is null)),
  constraint timers_task_check check (kind <> 'TASK' or task_id is not null)
);
-- Finds the tenants with due timers.
create index timers_due on workflows.timers (due_at, tenant_id) where status = 'ARMED' and not is_held;
-- Finds the due timers of a tenant, and the next one.
create index timers_of_tenant on workflows.timers (tenant_id, due_at, id) where status = 'ARMED' and not is_held;
create index timers_of_instance on workflows.timers (tenant_id, instance_id, due_at);
call app.protect('workflows.timers');

alter table workflows.history
  drop constraint history_kind_check,
  add constraint history_kind_check check (kind in (
  'START', 'TRANSITION', 'ASSIGNMENT', 'DATA', 'CANCELLATION', 'COMMENT', 'SUSPENSION', 'RESUMPTION', 'ROLLBACK', 'VOTE', 'CHILD', 'INCIDENT', 'RESOLUTION',
  'MIGRATION', 'TIMER'));

-- Down Migration
-- Fails while there are rows of the new kind: history is not rewritten.
alter table workflows.history
  drop constraint history_kind_check,
  add constraint history_kind_check check (kind in (
  'START', 'TRANSITION', 'ASSIGNMENT', 'DATA', 'CANCELLATION', 'COMMENT', 'SUSPENSION', 'RESUMPTION', 'ROLLBACK', 'VOTE', 'CHILD', 'INCIDENT', 'RESOLUTION',
  'MIGRATION'));
drop table workflows.timers;
