-- Whether a legal hold covers a person of the transaction's tenant: one on the person, on the organization, or on a request that the person has created,
-- worked on, or commented on.
create or replace function app.is_held(person uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.legal_holds h
     where h.tenant_id = app.tenant() and h.ended_at is null
       and (h.object_type = 'tenant' or h.object_id = person or (h.object_type = 'request' and (
         exists (select from requests.requests r where r.tenant_id = app.tenant() and r.id = h.object_id and r.created_by = person)
         or exists (select from requests.comments c where c.tenant_id = app.tenant() and c.request_id = h.object_id and c.author_id = person)
         or exists (
           select from requests.requests r join workflows.history e on e.tenant_id = r.tenant_id and e.instance_id = r.instance_id
            where r.tenant_id = app.tenant() and r.id = h.object_id and e.actor_id = person)
         or exists (
           select from app.attachments a join app.files f on f.tenant_id = a.tenant_id and f.id = a.file_id
            where a.tenant_id = app.tenant() and a.object_id = h.object_id and f.created_by = person)))));
end $$;
