-- requires: app.index_text, requests.texts_of_asset
-- Makes a new or changed asset findable.
create or replace function requests.index_asset() returns trigger language plpgsql as $$
begin
  call app.index_text(new.tenant_id, 'asset', new.id, new.id, 'PUBLIC', null, requests.texts_of_asset(new));
  return null;
end $$;
