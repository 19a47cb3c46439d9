-- Whether everything of the transaction's tenant may be deleted. Part of a restrictive policy, on every table, for the role that purges: the database itself
-- refuses to delete a tenant before its time, or under a legal hold, whatever the application believes.
create or replace function app.purge_is_due() returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.tenants t
     where t.tenant_id = app.tenant() and t.kind = 'CUSTOMER' and t.status = 'ARCHIVED' and t.purge_at <= now()
       and not exists (select from identity.legal_holds h where h.tenant_id = t.tenant_id and h.ended_at is null));
end $$;
