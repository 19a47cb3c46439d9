-- The candidates of a task as keys of queues, each once.
create or replace function workflows.candidates_of(task workflows.tasks) returns table (queue_key text) language sql immutable parallel safe as $$
  select 'role:' || c from unnest(task.candidate_roles) c
  union select 'user:' || c::text from unnest(task.candidate_user_ids) c
  union select 'team:' || c::text from unnest(task.candidate_team_ids) c
  union select 'vendor:' || c::text from unnest(task.candidate_vendor_ids) c
$$;
