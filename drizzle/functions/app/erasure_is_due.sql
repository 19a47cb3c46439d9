-- requires: app.is_held
-- Whether personal values of a person may be replaced. Part of a restrictive policy, on every table with such values, for the role that erases: the database
-- itself refuses to erase a person without the decision of a second person, and while a legal hold covers the person.
create or replace function app.erasure_is_due(person uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.privacy_requests r
     where r.tenant_id = app.tenant() and r.person_id = person and r.kind in ('ANONYMISE', 'ERASE') and r.status = 'APPROVED'
       and r.decided_by <> r.requested_by) and not app.is_held(person);
end $$;
