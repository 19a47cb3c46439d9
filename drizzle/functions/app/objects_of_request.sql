-- requires: app.instances_of_request
-- Returns the objects of a request that files can be attached to: the request, its instances, and their tasks.
create or replace function app.objects_of_request(request uuid) returns setof uuid language plpgsql stable parallel safe as $$
begin
  return query
    select request
    union all select i.id from app.instances_of_request(request) i (id)
    union all
      select t.id from app.instances_of_request(request) i (id) join workflows.tasks t on t.tenant_id = app.tenant() and t.instance_id = i.id;
end $$;
