-- Up Migration
-- Requests, assets, buildings, and spaces as they were. Each change keeps the row as it was before it, so rows that never change cost nothing.

create table app.object_versions (
  tenant_id uuid not null,
  object_id uuid not null,
  -- Until this time the row had these values, since the previous time of the object.
  until timestamptz not null,
  image jsonb not null,
  constraint object_versions_pkey primary key (tenant_id, object_id, until)
);
call app.protect('app.object_versions', vendor_sees => 'app.vendor_sees(object_id)');

create function app.keep_version() returns trigger language plpgsql as $$
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

create trigger requests_kept after update on requests.requests for each row when (old.* is distinct from new.*) execute function app.keep_version();
create trigger assets_kept after update on requests.assets for each row when (old.* is distinct from new.*) execute function app.keep_version();
create trigger buildings_kept after update on requests.buildings for each row when (old.* is distinct from new.*) execute function app.keep_version();
create trigger spaces_kept after update on requests.spaces for each row when (old.* is distinct from new.*) execute function app.keep_version();

-- Down Migration
drop trigger spaces_kept on requests.spaces;
drop trigger buildings_kept on requests.buildings;
drop trigger assets_kept on requests.assets;
drop trigger requests_kept on requests.requests;
drop function app.keep_version();
drop table app.object_versions;
