-- Up Migration
-- Structured addresses, positions and time zones of buildings; deletion and restoration. `address` keeps its texts: it is now the street and the lines above it.

alter table requests.buildings
  add column postal_code text not null default '',
  add column city text not null default '',
  add column region text not null default '',
  -- ISO 3166-1 alpha-2. Null if unknown.
  add column country text,
  -- In degrees (WGS 84).
  add column latitude double precision,
  add column longitude double precision,
  -- Null: the time zone of the organization.
  add column time_zone text,
  add column deleted_at timestamptz,
  add constraint buildings_country_check check (country ~ '^[A-Z]{2}$'),
  add constraint buildings_position_check check (
    (latitude is null) = (longitude is null) and latitude between -90 and 90 and longitude between -180 and 180);

-- The code of a deleted building becomes available again. The index keeps the name of the constraint, by which errors are mapped.
alter table requests.buildings drop constraint buildings_code_key;
create unique index buildings_code_key on requests.buildings (tenant_id, code) where deleted_at is null;

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["building.delete"]}, "operations": {"TENANT": ["building.delete"]}}');

-- Down Migration
-- Deleted buildings become inactive. Their codes get a suffix, because another building can have the code now.
alter table requests.buildings no force row level security;
update requests.buildings set status = 'INACTIVE', code = left(code, 27) || '-' || right(id::text, 12) where deleted_at is not null;
update requests.buildings set address = concat_ws(', ', nullif(address, ''), nullif(concat_ws(' ', nullif(postal_code, ''), nullif(city, '')), ''),
  nullif(region, ''), country) where (postal_code, city, region) <> ('', '', '') or country is not null;
alter table requests.buildings force row level security;
drop index requests.buildings_code_key;
alter table requests.buildings
  add constraint buildings_code_key unique (tenant_id, code),
  drop column deleted_at, drop column time_zone, drop column longitude, drop column latitude, drop column country, drop column region, drop column city,
  drop column postal_code;
