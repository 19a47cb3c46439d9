-- No request changes to a deleted asset.
create or replace trigger requests_new_asset_exists before update of asset_id on requests.requests for each row
  when (new.asset_id is not null and new.asset_id is distinct from old.asset_id) execute function requests.assert_asset_exists();
