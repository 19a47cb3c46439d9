-- Returns the instances of a request: its own, those from before it was converted to another type, and those below them. What a legal hold on the request
-- covers is found by them.
create or replace function app.instances_of_request(request uuid) returns setof uuid language plpgsql stable parallel safe as $$
begin
  return query
    with recursive below (id) as (
      select r.instance_id from requests.requests r where r.tenant_id = app.tenant() and r.id = request
      union select f.instance_id from requests.former_instances f where f.tenant_id = app.tenant() and f.request_id = request
      union select i.id from workflows.instances i join below b on i.parent_id = b.id where i.tenant_id = app.tenant()
    )
    select b.id from below b;
end $$;
