-- requires: app.is_held
-- Whether personal values of some person of the transaction's tenant may be replaced: see app.erasure_is_due. Part of the policies of tables with copies of
-- such values, whose rows can be about others.
create or replace function app.any_erasure_is_due() returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.privacy_requests r
     where r.tenant_id = app.tenant() and r.kind in ('ANONYMISE', 'ERASE') and r.status = 'APPROVED'
       and r.decided_by <> r.requested_by and not app.is_held(r.person_id));
end $$;
