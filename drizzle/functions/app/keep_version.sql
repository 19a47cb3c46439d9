-- Keeps a row as it was before a change, in app.object_versions.
create or replace function app.keep_version() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  latest timestamptz;
begin
  -- Without the vendor's restrictions, because what a vendor's users change can be hidden from them by the change.
  perform set_config('app.vendor_id', '', true);
  select max(v.until) into latest from app.object_versions v where v.tenant_id = old.tenant_id and v.object_id = old.id;
  -- Times are those of transactions, which can commit in another order. Of several changes at one time, the first keeps the row.
  insert into app.object_versions (tenant_id, object_id, until, image)
    values (old.tenant_id, old.id, greatest(app.weft_now(), latest), to_jsonb(old))
    on conflict do nothing;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
