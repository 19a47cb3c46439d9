-- requires: app.objects_of_request
-- Whether a person has created a request, acted in it, or written or uploaded something there, also before it was converted to another type, and in the
-- instances below it. Part of app.is_held: what a legal hold on the request covers.
create or replace function app.has_worked_on(person uuid, request uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from requests.requests r where r.tenant_id = app.tenant() and r.id = request and r.created_by = person)
    or exists (select from requests.comments c where c.tenant_id = app.tenant() and c.request_id = request and person in (c.author_id, c.on_behalf_of))
    or exists (
      select from requests.vendor_offers o where o.tenant_id = app.tenant() and o.request_id = request and person in (o.offered_by, o.answered_by))
    or exists (
      select from app.instances_of_request(request) b (id)
       where exists (select from workflows.history e where e.tenant_id = app.tenant() and e.instance_id = b.id and person in (e.actor_id, e.on_behalf_of))
          or exists (select from workflows.tasks t where t.tenant_id = app.tenant() and t.instance_id = b.id and person in (t.assignee_id, t.completed_by))
          or exists (
            select from workflows.task_comments c where c.tenant_id = app.tenant() and c.instance_id = b.id and person in (c.author_id, c.on_behalf_of))
          or exists (
            select from workflows.internal_comments c where c.tenant_id = app.tenant() and c.instance_id = b.id and person in (c.author_id, c.on_behalf_of)))
    or exists (
      select from app.objects_of_request(request) o (id)
        join app.attachments a on a.tenant_id = app.tenant() and a.object_id = o.id
        join app.files f on f.tenant_id = app.tenant() and f.id = a.file_id
       where person in (a.created_by, f.created_by));
end $$;
