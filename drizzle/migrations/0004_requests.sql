-- Up Migration
-- Request types, requests, buildings, assets.

create schema requests;

create table requests.request_types (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  description text not null default '',
  definition_key text not null,
  number_prefix text not null,
  submit_transition text not null,
  cancel_transition text not null,
  fields jsonb not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint request_types_pkey primary key (tenant_id, id),
  constraint request_types_key_key unique (tenant_id, key),
  constraint request_types_number_prefix_key unique (tenant_id, number_prefix),
  constraint request_types_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('requests.request_types', vendor_sees => 'true', vendor_writes => 'false');

create table requests.buildings (
  tenant_id uuid not null,
  id uuid not null,
  code text not null,
  name text not null,
  address text not null default '',
  status text not null default 'ACTIVE',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint buildings_pkey primary key (tenant_id, id),
  constraint buildings_code_key unique (tenant_id, code),
  constraint buildings_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint buildings_status_check check (status in ('ACTIVE', 'INACTIVE'))
);
create index buildings_by_age on requests.buildings (tenant_id, created_at, id);
create index buildings_by_name on requests.buildings (tenant_id, name, id);
call app.protect('requests.buildings', vendor_sees => 'app.vendor_sees(id)', vendor_writes => 'false');

create table requests.assets (
  tenant_id uuid not null,
  id uuid not null,
  building_id uuid not null,
  tag text not null,
  name text not null,
  type text not null,
  status text not null default 'OPERATIONAL',
  installed_on date,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint assets_pkey primary key (tenant_id, id),
  constraint assets_tag_key unique (tenant_id, tag),
  constraint assets_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint assets_status_check check (status in ('OPERATIONAL', 'MAINTENANCE', 'OUT_OF_SERVICE', 'DECOMMISSIONED'))
);
create index assets_by_age on requests.assets (tenant_id, created_at, id);
create index assets_by_name on requests.assets (tenant_id, name, id);
create index assets_by_building on requests.assets (tenant_id, building_id, created_at, id);
create index assets_by_type on requests.assets (tenant_id, type, created_at, id);
call app.protect('requests.assets', vendor_sees => 'app.vendor_sees(id)', vendor_writes => 'false');

create table requests.requests (
  tenant_id uuid not null,
  id uuid not null,
  number text not null,
  type_id uuid not null,
  instance_id uuid not null,
  building_id uuid,
  asset_id uuid,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint requests_pkey primary key (tenant_id, id),
  constraint requests_number_key unique (tenant_id, number),
  constraint requests_instance_key unique (tenant_id, instance_id),
  constraint requests_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id),
  constraint requests_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint requests_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint requests_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint requests_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
create index requests_by_age on requests.requests (tenant_id, created_at, id);
create index requests_by_type on requests.requests (tenant_id, type_id, created_at, id);
create index requests_by_creator on requests.requests (tenant_id, created_by, created_at, id);
create index requests_by_building on requests.requests (tenant_id, building_id, created_at, id) where building_id is not null;
create index requests_by_asset on requests.requests (tenant_id, asset_id, created_at, id) where asset_id is not null;
call app.protect('requests.requests', vendor_sees => 'app.vendor_sees(id)');

-- Down Migration
drop schema requests cascade;
