-- Up Migration
-- Requests and assets can name a space of their building.

alter table requests.requests
  add column space_id uuid,
  add constraint requests_space_fkey foreign key (tenant_id, building_id, space_id) references requests.spaces (tenant_id, building_id, id),
  add constraint requests_space_check check (space_id is null or building_id is not null);
create index requests_by_space on requests.requests (tenant_id, space_id, created_at, id) where space_id is not null;

alter table requests.assets
  add column space_id uuid,
  add constraint assets_space_fkey foreign key (tenant_id, building_id, space_id) references requests.spaces (tenant_id, building_id, id);
create index assets_by_space on requests.assets (tenant_id, space_id, tag, id) where space_id is not null;

-- Down Migration
alter table requests.assets drop column space_id;
alter table requests.requests drop column space_id;
