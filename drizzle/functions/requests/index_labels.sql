-- requires: app.index_suffixes
-- Makes an asset findable by any part of its tag and of its serial number.
create or replace function requests.index_labels() returns trigger language plpgsql as $$
begin
  call app.index_suffixes(new.tenant_id, 'assetTag', new.id, '00000000-0000-7000-8000-000000000003', new.tag);
  call app.index_suffixes(new.tenant_id, 'assetSerialNumber', new.id, '00000000-0000-7000-8000-000000000004', new.serial_number);
  return null;
end $$;
