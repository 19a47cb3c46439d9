-- Up Migration
-- Runs that cannot be worked on are counted across processes, and a suspended instance pauses its run.

alter table workflows.runs
  -- Whether it is paused only because its instance is suspended, so that it goes on with the instance.
  add column is_suspended boolean not null default false,
  -- Transactions in a row that could not work on it.
  add column failed_transactions integer not null default 0;
-- Runs of instances that are suspended already are looked at by a worker, which pauses them.
alter table workflows.runs no force row level security;
alter table workflows.instances no force row level security;
update workflows.runs r set due_at = clock_timestamp()
  from workflows.instances i
 where i.tenant_id = r.tenant_id and i.id = r.instance_id and i.status = 'SUSPENDED' and r.status = 'RUNNING' and r.left_at is null;
alter table workflows.instances force row level security;
alter table workflows.runs force row level security;

-- Down Migration
alter table workflows.runs drop column failed_transactions, drop column is_suspended;
