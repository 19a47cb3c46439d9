-- Whether the transaction belongs to the tenant of the platform's operators.
create or replace function app.in_platform_tenant() returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from identity.tenants t where t.tenant_id = app.tenant() and t.kind = 'PLATFORM');
end $$;
