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

-- Down Migration
alter table workflows.tasks drop column step;
drop index workflows.run_steps_wait_until_by_tenant, workflows.run_steps_wait_until, workflows.run_steps_awaited;
alter table workflows.run_steps drop column wait_until, drop column awaits;
