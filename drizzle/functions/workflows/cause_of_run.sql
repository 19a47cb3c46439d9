-- The event with which an instance came to the version that its run belongs to: the cause of everything that the run does. No row if it is no longer stored.
-- A set, not a value: the planner inlines only those functions that are a query.
create or replace function workflows.cause_of_run(instance uuid, version integer) returns setof uuid language sql stable parallel safe as $$
  select e.id from events.log e where e.tenant_id = app.tenant() and e.subject_id = instance and e.subject_version = version order by e.id limit 1
$$;
