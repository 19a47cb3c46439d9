-- Returns a vendor to which work is to be assigned, and locks it until commit: a concurrent change of its status either comes first or waits. Locking a row
-- requires the right to change it, which a vendor's users lack, so the function runs without the vendor's restrictions. For them it returns only their
-- own vendor, without the reason.
create or replace function vendors.lock_for_work(vendor uuid) returns table (name text, status text, status_reason text) language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
begin
  if acting_vendor <> '' and acting_vendor <> vendor::text then
    return;
  end if;
  perform set_config('app.vendor_id', '', true);
  return query
    select v.name, v.status, case when acting_vendor = '' then v.status_reason end
      from vendors.vendors v
     where v.tenant_id = app.tenant() and v.id = vendor
       for share;
  perform set_config('app.vendor_id', acting_vendor, true);
end $$;
