-- Up Migration
-- Steps that are done one after the other across runs, and steps that come before others.

alter table workflows.run_steps
  -- Steps of the tenant with the same queue share its limit.
  add column queue text,
  add column queue_limit integer,
  -- -1: low, 0: normal, 1: high.
  add column priority smallint not null default 0,
  add constraint run_steps_queue_check check ((queue is null) = (queue_limit is null));
create index run_steps_by_priority on workflows.run_steps (tenant_id, priority, due_at) where due_at is not null;
create index run_steps_in_queue on workflows.run_steps (tenant_id, queue) where queue is not null and lease_token is not null;
-- Due steps are always looked for in a tenant.
drop index workflows.run_steps_due;

-- Down Migration
create index run_steps_due on workflows.run_steps (due_at) where due_at is not null;
drop index workflows.run_steps_in_queue;
drop index workflows.run_steps_by_priority;
alter table workflows.run_steps drop constraint run_steps_queue_check, drop column priority, drop column queue_limit, drop column queue;
