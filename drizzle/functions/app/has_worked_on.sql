-- Whether a person has created a request, acted in it, or written or uploaded something there, also before it was converted to another type, and in the
-- instances below it. Part of app.is_held: what a legal hold on the request covers.
create or replace function app.has_worked_on(person uuid, request uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from requests.requests r where r.tenant_id = app.tenant() and r.id = request and r.created_by = person)
    or exists (select from requests.comments c where c.tenant_id = app.tenant() and c.request_id = request and person in (c.author_id, c.on_behalf_of))
    or exists (
      select from app.attachments a join app.files f on f.tenant_id = a.tenant_id and f.id = a.file_id
       where a.tenant_id = app.tenant() and a.object_id = request and f.created_by = person)
    or exists (
      with recursive below (id) as (
        select r.instance_id from requests.requests r where r.tenant_id = app.tenant() and r.id = request
        union select f.instance_id from requests.former_instances f where f.tenant_id = app.tenant() and f.request_id = request
        union select i.id from workflows.instances i join below b on i.parent_id = b.id where i.tenant_id = app.tenant()
      )
      select from below b
       where exists (select from workflows.history e where e.tenant_id = app.tenant() and e.instance_id = b.id and person in (e.actor_id, e.on_behalf_of))
          or exists (select from workflows.tasks t where t.tenant_id = app.tenant() and t.instance_id = b.id and person in (t.assignee_id, t.completed_by))
          or exists (
            select from workflows.task_comments c where c.tenant_id = app.tenant() and c.instance_id = b.id and person in (c.author_id, c.on_behalf_of))
          or exists (
            select from workflows.internal_comments c where c.tenant_id = app.tenant() and c.instance_id = b.id and person in (c.author_id, c.on_behalf_of)));
end $$;
