-- A request that is created while its asset is deleted either counts as a reason against the deletion, or is refused. `deleteAsset` takes the lock first.
create or replace function requests.assert_asset_exists() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('weft.asset.' || new.asset_id, 0));
  if exists (select from requests.assets a where a.tenant_id = new.tenant_id and a.id = new.asset_id and a.deleted_at is not null) then
    raise exception 'The asset % is deleted.', new.asset_id using errcode = 'foreign_key_violation', constraint = 'requests_asset_exists';
  end if;
  return new;
end $$;
