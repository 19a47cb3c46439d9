-- Deletes a contact of a vendor. Users of a vendor cannot delete rows, so the function runs without the vendor's restrictions. For them it deletes only
-- contacts of their own vendor.
create or replace function vendors.delete_contact(contact uuid) returns void language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
begin
  perform set_config('app.vendor_id', '', true);
  delete from vendors.vendor_contacts c
   where c.tenant_id = app.tenant() and c.id = contact and (acting_vendor = '' or c.vendor_id::text = acting_vendor);
  perform set_config('app.vendor_id', acting_vendor, true);
end $$;
