-- The texts by which an asset is found.
create or replace function requests.texts_of_asset(asset requests.assets) returns text language sql immutable parallel safe
  return concat_ws(' ', asset.tag, asset.name, asset.type, asset.serial_number, asset.manufacturer, asset.model);
