-- requires: app.index_suffixes
-- Makes a request findable by any part of its number.
create or replace function requests.index_number() returns trigger language plpgsql as $$
begin
  call app.index_suffixes(new.tenant_id, 'requestNumber', new.id, '00000000-0000-7000-8000-000000000002', new.number);
  return null;
end $$;
