-- No new request is about a deleted asset.
create or replace trigger requests_asset_exists before insert on requests.requests for each row when (new.asset_id is not null)
  execute function requests.assert_asset_exists();
