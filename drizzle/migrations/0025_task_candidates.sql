-- Up Migration
-- Rows of their own for each candidate of a waiting task that has several, and what waits for one candidate in each order that a queue is read in. A page of a queue is
-- then the first of each of the viewer's keys, however much waits behind them.

-- The columns are named as those of the task, so that one condition and one order fit both. No foreign key to the task, for the reasons of decision 11: its own
-- trigger is all that writes them. See docs/decisions/0012-rows-for-each-candidate.md.
create table workflows.task_candidates (
  tenant_id uuid not null,
  -- The task.
  id uuid not null,
  -- One of its candidates, as `tasks.queue_key` says the only one.
  queue_key text not null,
  instance_id uuid not null,
  status text not null,
  assignee_id uuid,
  priority smallint not null,
  due_order timestamptz not null,
  created_at timestamptz not null,
  constraint task_candidates_pkey primary key (tenant_id, id, queue_key)
);
-- What is included is what counting asks, and the policy: so it reads the index alone.
create index task_candidates_by_age on workflows.task_candidates (tenant_id, queue_key, created_at, id) include (instance_id, status, assignee_id);
create index task_candidates_by_due on workflows.task_candidates (tenant_id, queue_key, due_order, id) include (instance_id);
create index task_candidates_by_priority on workflows.task_candidates (tenant_id, queue_key, priority, id);
call app.protect('workflows.task_candidates', vendor_sees => 'app.vendor_sees(instance_id)');

-- What waits, in each order, for one candidate or for all to see: again with what counting asks, and the policy, which then read the index alone.
drop index workflows.tasks_waiting_by_queue, workflows.tasks_waiting_by_due, workflows.tasks_open;
create index tasks_open on workflows.tasks (tenant_id, created_at, id) include (instance_id, status, assignee_id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_due on workflows.tasks (tenant_id, due_order, id) include (instance_id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue on workflows.tasks (tenant_id, queue_key, created_at, id) include (instance_id, status, assignee_id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue_due on workflows.tasks (tenant_id, queue_key, due_order, id) include (instance_id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue_priority on workflows.tasks (tenant_id, queue_key, priority, id) where status in ('OPEN', 'CLAIMED');

-- The candidates of a task: each once.
create function workflows.candidates_of(task workflows.tasks) returns table (queue_key text) language sql immutable parallel safe as $$
  select 'role:' || c from unnest(task.candidate_roles) c
  union select 'user:' || c::text from unnest(task.candidate_user_ids) c
  union select 'team:' || c::text from unnest(task.candidate_team_ids) c
  union select 'vendor:' || c::text from unnest(task.candidate_vendor_ids) c
$$;

-- By the database, so that no way of changing a task can forget it. A vendor's people, who delete nothing, may be those who end the task: for the while there is no vendor.
create function workflows.keep_task_candidates() returns trigger language plpgsql as $$
declare
  vendor text := current_setting('app.vendor_id', true);
begin
  perform set_config('app.vendor_id', '', true);
  if tg_op = 'UPDATE' then
    -- Of one id among others: a plan of a table that was empty then still takes the key.
    delete from workflows.task_candidates c where c.tenant_id = new.tenant_id and c.id = any(array[new.id]);
  end if;
  if new.queue_key = 'many' and new.status in ('OPEN', 'CLAIMED') then
    insert into workflows.task_candidates (tenant_id, id, queue_key, instance_id, status, assignee_id, priority, due_order, created_at)
    select new.tenant_id, new.id, c.queue_key, new.instance_id, new.status, new.assignee_id, new.priority, new.due_order, new.created_at
      from workflows.candidates_of(new) c;
  end if;
  perform set_config('app.vendor_id', coalesce(vendor, ''), true);
  return null;
end $$;

-- Tasks with one candidate pay for the condition alone.
create trigger task_candidates_opened after insert on workflows.tasks for each row
  when (new.queue_key = 'many' and new.status in ('OPEN', 'CLAIMED'))
  execute function workflows.keep_task_candidates();
create trigger task_candidates_changed after update on workflows.tasks for each row
  when ((old.queue_key = 'many' or new.queue_key = 'many')
    and (old.status, old.assignee_id, old.priority, old.due_order, old.candidate_roles, old.candidate_user_ids, old.candidate_team_ids, old.candidate_vendor_ids) is distinct from
        (new.status, new.assignee_id, new.priority, new.due_order, new.candidate_roles, new.candidate_user_ids, new.candidate_team_ids, new.candidate_vendor_ids))
  execute function workflows.keep_task_candidates();

-- What waits already. The owner sees rows only while the force is lifted.
alter table workflows.tasks no force row level security;
alter table workflows.task_candidates no force row level security;
insert into workflows.task_candidates (tenant_id, id, queue_key, instance_id, status, assignee_id, priority, due_order, created_at)
select t.tenant_id, t.id, c.queue_key, t.instance_id, t.status, t.assignee_id, t.priority, t.due_order, t.created_at
  from workflows.tasks t, workflows.candidates_of(t) c where t.queue_key = 'many' and t.status in ('OPEN', 'CLAIMED');
alter table workflows.task_candidates force row level security;
alter table workflows.tasks force row level security;

-- Down Migration
drop trigger task_candidates_changed on workflows.tasks;
drop trigger task_candidates_opened on workflows.tasks;
drop function workflows.keep_task_candidates();
drop function workflows.candidates_of(workflows.tasks);
drop index workflows.tasks_waiting_by_queue_priority, workflows.tasks_waiting_by_queue_due, workflows.tasks_waiting_by_queue, workflows.tasks_waiting_by_due, workflows.tasks_open;
create index tasks_waiting_by_queue on workflows.tasks (tenant_id, queue_key, created_at, id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_due on workflows.tasks (tenant_id, due_order, id) where status in ('OPEN', 'CLAIMED');
create index tasks_open on workflows.tasks (tenant_id, created_at, id) where status in ('OPEN', 'CLAIMED');
drop table workflows.task_candidates;
