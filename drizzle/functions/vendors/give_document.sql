-- Gives a document to its vendor. Without the vendor's restrictions, because a vendor's users add documents but give nothing.
create or replace function vendors.give_document() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
begin
  perform set_config('app.vendor_id', '', true);
  insert into app.object_access (tenant_id, object_id, vendor_id) values (new.tenant_id, new.id, new.vendor_id) on conflict do nothing;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
