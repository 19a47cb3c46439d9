-- Sets the tenant of a transaction that has none. Errors: WF001 the transaction belongs to another tenant, or has a vendor.
create or replace function engine.set_tenant(tenant uuid) returns void language plpgsql as $$
begin
  if tenant is null then
    raise exception 'a batch of writes needs a tenant' using errcode = 'WF001';
  end if;
  if app.tenant() is null then
    perform set_config('app.tenant_id', tenant::text, true), set_config('app.user_id', '', true), set_config('app.vendor_id', '', true);
  elsif app.tenant() <> tenant or not app.is_staff() then
    raise exception 'a batch of writes was requested in a transaction of another tenant, or of a vendor''s user' using errcode = 'WF001';
  end if;
end $$;
