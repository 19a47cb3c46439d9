-- requires: app.has_worked_on
-- Whether a legal hold covers a person of the transaction's tenant: one on the person, on the organization, or on a request that the person has worked on.
create or replace function app.is_held(person uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.legal_holds h
     where h.tenant_id = app.tenant() and h.ended_at is null
       and (h.object_type = 'tenant' or h.object_id = person or (h.object_type = 'request' and app.has_worked_on(person, h.object_id))));
end $$;
