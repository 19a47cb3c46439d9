-- Up Migration
-- Floors, rooms and areas of buildings, as a tree.

create table requests.spaces (
  tenant_id uuid not null,
  id uuid not null,
  building_id uuid not null,
  -- The space around it. Null: directly in the building.
  parent_id uuid,
  -- FLOOR | ROOM | AREA
  kind text not null,
  code text not null,
  name text not null,
  -- Place among the spaces with the same parent.
  position integer not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint spaces_pkey primary key (tenant_id, id),
  constraint spaces_building_key unique (tenant_id, building_id, id),
  constraint spaces_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  -- In the same building.
  constraint spaces_parent_fkey foreign key (tenant_id, building_id, parent_id) references requests.spaces (tenant_id, building_id, id),
  constraint spaces_kind_check check (kind in ('FLOOR', 'ROOM', 'AREA')),
  constraint spaces_parent_check check (parent_id <> id)
);
create unique index spaces_code_key on requests.spaces (tenant_id, building_id, code) where deleted_at is null;
create index spaces_by_age on requests.spaces (tenant_id, created_at, id);
create index spaces_by_code on requests.spaces (tenant_id, code, id);
create index spaces_by_name on requests.spaces (tenant_id, name, id);
create index spaces_by_position on requests.spaces (tenant_id, building_id, parent_id, position, id);
call app.protect('requests.spaces', vendor_sees => 'app.vendor_sees(building_id)', vendor_writes => 'false');

-- Down Migration
drop table requests.spaces;
