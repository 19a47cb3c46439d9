-- Up Migration
-- A vote of several people is one task in the queue of each of them, until that person has voted: what a queue has to know of it.

-- ONCE: each person has one vote; REPEAT: any number.
alter table workflows.tasks add column vote text constraint tasks_vote_check check (vote in ('ONCE', 'REPEAT'));
alter table workflows.task_candidates add column vote text;

-- Among what is included, so that counting still reads the index alone.
drop index workflows.tasks_open, workflows.tasks_waiting_by_queue, workflows.task_candidates_by_age;
create index tasks_open on workflows.tasks (tenant_id, created_at, id) include (instance_id, status, assignee_id, vote) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue on workflows.tasks (tenant_id, queue_key, created_at, id) include (instance_id, status, assignee_id, vote) where status in ('OPEN', 'CLAIMED');
create index task_candidates_by_age on workflows.task_candidates (tenant_id, queue_key, created_at, id) include (instance_id, status, assignee_id, vote);

-- Whether the vote that the task asks for is one that this person can still give with it: not where an earlier one of several alike waits too, where the person has
-- taken another one, or has voted since the state was entered. Whoever stands in for somebody, and is stood in for, is among those who have voted.
create function workflows.vote_waits_for(task uuid, voter uuid) returns boolean language sql stable parallel safe as $$
  select not exists (
    select from workflows.tasks t
      join workflows.tasks o on o.tenant_id = t.tenant_id and o.instance_id = t.instance_id and o.state = t.state and o.id <> t.id and o.vote is not null
     where t.tenant_id = app.tenant() and t.id = task and (
       o.status = 'OPEN' and o.rule = t.rule and (o.copy, o.id) < (t.copy, t.id)
         and (o.candidate_roles, o.candidate_user_ids, o.candidate_team_ids, o.candidate_vendor_ids)
           = (t.candidate_roles, t.candidate_user_ids, t.candidate_team_ids, t.candidate_vendor_ids)
       or o.status = 'CLAIMED' and o.assignee_id = voter
       or o.status = 'COMPLETED' and t.vote = 'ONCE' and voter = any(array[o.completed_by, o.on_behalf_of, o.assignee_id] || o.delegated_from)
         and o.opened_at_version >= (
           select h.version from workflows.history h
            where h.tenant_id = t.tenant_id and h.instance_id = t.instance_id
              and (h.kind in ('START', 'TRANSITION', 'ROLLBACK') or h.from_state <> h.to_state)
            order by h.version desc limit 1)))
$$;

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
drop trigger task_candidates_changed on workflows.tasks;
create trigger task_candidates_changed after update on workflows.tasks for each row
  when ((old.queue_key = 'many' or new.queue_key = 'many')
    and (old.status, old.assignee_id, old.priority, old.due_order, old.candidate_roles, old.candidate_user_ids, old.candidate_team_ids, old.candidate_vendor_ids, old.vote) is distinct from
        (new.status, new.assignee_id, new.priority, new.due_order, new.candidate_roles, new.candidate_user_ids, new.candidate_team_ids, new.candidate_vendor_ids, new.vote))
  execute function workflows.keep_task_candidates();

-- The two that open tasks write the new column. All else of them stays, so it is not written out again.
do $$
declare
  writer regprocedure;
  old_text text;
  new_text text;
begin
  foreach writer in array array['engine.write_move(jsonb, jsonb)', 'engine.apply_batch(uuid[], integer[], jsonb)']::regprocedure[] loop
    old_text := pg_get_functiondef(writer);
    new_text := replace(old_text, 'checklist, opened_at_version)', 'checklist, opened_at_version, vote)');
    new_text := regexp_replace(new_text, '(coalesce\(o\.checklist, ''\[\]''\), (?:next_version|versions\[o\.n\] \+ 1))', '\1, o.vote');
    new_text := replace(new_text, 'priority smallint, checklist jsonb)', 'priority smallint, checklist jsonb, vote text)');
    if length(new_text) <> length(old_text) + length(', vote') + length(', o.vote') + length(', vote text') then
      raise exception '% is not as this migration expects it', writer;
    end if;
    execute new_text;
  end loop;
end $$;

-- Of what waits already only those of several alike are known to be votes; who has voted sees the rest until it is decided.
alter table workflows.tasks no force row level security;
alter table workflows.task_candidates no force row level security;
update workflows.tasks t set vote = 'REPEAT'
 where t.status in ('OPEN', 'CLAIMED') and exists (
   select from workflows.tasks o
    where o.tenant_id = t.tenant_id and o.instance_id = t.instance_id and o.state = t.state and o.rule = t.rule and o.copy > 1 and o.status in ('OPEN', 'CLAIMED'));
alter table workflows.task_candidates force row level security;
alter table workflows.tasks force row level security;

-- Down Migration
do $$
declare
  writer regprocedure;
  written text;
begin
  foreach writer in array array['engine.write_move(jsonb, jsonb)', 'engine.apply_batch(uuid[], integer[], jsonb)']::regprocedure[] loop
    written := pg_get_functiondef(writer);
    written := replace(written, 'checklist, opened_at_version, vote)', 'checklist, opened_at_version)');
    written := replace(written, ', o.vote', '');
    written := replace(written, 'checklist jsonb, vote text)', 'checklist jsonb)');
    execute written;
  end loop;
end $$;
drop trigger task_candidates_changed on workflows.tasks;
create trigger task_candidates_changed after update on workflows.tasks for each row
  when ((old.queue_key = 'many' or new.queue_key = 'many')
    and (old.status, old.assignee_id, old.priority, old.due_order, old.candidate_roles, old.candidate_user_ids, old.candidate_team_ids, old.candidate_vendor_ids) is distinct from
        (new.status, new.assignee_id, new.priority, new.due_order, new.candidate_roles, new.candidate_user_ids, new.candidate_team_ids, new.candidate_vendor_ids))
  execute function workflows.keep_task_candidates();
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
    insert into workflows.task_candidates (tenant_id, id, queue_key, instance_id, status, assignee_id, priority, due_order, created_at)
    select new.tenant_id, new.id, c.queue_key, new.instance_id, new.status, new.assignee_id, new.priority, new.due_order, new.created_at
      from workflows.candidates_of(new) c;
  end if;
  perform set_config('app.vendor_id', coalesce(vendor, ''), true);
  return null;
end $$;
drop function workflows.vote_waits_for(uuid, uuid);
drop index workflows.tasks_open, workflows.tasks_waiting_by_queue, workflows.task_candidates_by_age;
alter table workflows.task_candidates drop column vote;
alter table workflows.tasks drop column vote;
create index tasks_open on workflows.tasks (tenant_id, created_at, id) include (instance_id, status, assignee_id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue on workflows.tasks (tenant_id, queue_key, created_at, id) include (instance_id, status, assignee_id) where status in ('OPEN', 'CLAIMED');
create index task_candidates_by_age on workflows.task_candidates (tenant_id, queue_key, created_at, id) include (instance_id, status, assignee_id);
