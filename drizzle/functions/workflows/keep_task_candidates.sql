-- Rewrites the rows of a task in workflows.task_candidates. A trigger, so that no statement that changes a task can forget it. Users of a vendor, who cannot delete rows,
-- may complete tasks: the vendor is unset meanwhile.
create or replace function workflows.keep_task_candidates() returns trigger language plpgsql as $$
declare
  vendor text := current_setting('app.vendor_id', true);
begin
  perform set_config('app.vendor_id', '', true);
  if tg_op = 'UPDATE' then
    -- Of one id among others: a plan of a table that was empty then still takes the key.
    delete from workflows.task_candidates c where c.tenant_id = new.tenant_id and c.id = any(array[new.id]);
  end if;
  if new.queue_key = 'many' and new.status in ('OPEN', 'CLAIMED') then
    insert into workflows.task_candidates (tenant_id, id, queue_key, instance_id, status, assignee_id, priority, due_order, created_at, vote)
    select new.tenant_id, new.id, c.queue_key, new.instance_id, new.status, new.assignee_id, new.priority, new.due_order, new.created_at, new.vote
      from workflows.candidates_of(new) c;
  end if;
  perform set_config('app.vendor_id', coalesce(vendor, ''), true);
  return null;
end $$;
