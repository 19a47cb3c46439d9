-- Up Migration
-- Open tasks whose deadline has passed: noticed once, in the transaction of the event.

alter table workflows.tasks
  -- When it was noticed that the deadline had passed. Null until then, and again when the deadline changes.
  add column overdue_at timestamptz,
  -- The deadline has passed, but the instance is suspended or has an incident, so nobody can work on the task.
  add column is_due_held boolean not null default false;
-- Finds the tenants with tasks that are overdue, and these tasks. Tasks without a deadline are not in it.
create index tasks_becoming_due on workflows.tasks (tenant_id, due_at, id)
  where due_at is not null and overdue_at is null and not is_due_held and status in ('OPEN', 'CLAIMED');

-- Down Migration
drop index workflows.tasks_becoming_due;
alter table workflows.tasks drop column overdue_at, drop column is_due_held;
