-- Up Migration
-- Steps of runs that wait for people and events.

-- What the step waits for. Null: nothing, or only a time.
alter table workflows.run_steps add column awaits jsonb;
-- When it stops waiting, by the tenant's clock. Null: `due_at` says when it is looked at.
alter table workflows.run_steps add column wait_until timestamptz;
create index run_steps_awaited on workflows.run_steps (tenant_id, (awaits ->> 'event')) where awaits is not null;
create index run_steps_wait_until on workflows.run_steps (wait_until) where wait_until is not null;
create index run_steps_wait_until_by_tenant on workflows.run_steps (tenant_id, wait_until) where wait_until is not null;

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
drop index workflows.run_steps_wait_until_by_tenant, workflows.run_steps_wait_until, workflows.run_steps_awaited;
alter table workflows.run_steps drop column wait_until, drop column awaits;
