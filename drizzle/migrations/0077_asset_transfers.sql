-- Up Migration
-- Where assets have been: a row for each change of an asset's building.

create table requests.asset_transfers (
  tenant_id uuid not null,
  id uuid not null,
  asset_id uuid not null,
  from_building_id uuid not null,
  to_building_id uuid not null,
  -- The asset that was transferred, if this one moved as a part of it.
  moved_with_id uuid,
  reason text,
  actor_id uuid not null,
  created_at timestamptz not null default now(),
  constraint asset_transfers_pkey primary key (tenant_id, id),
  constraint asset_transfers_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint asset_transfers_from_fkey foreign key (tenant_id, from_building_id) references requests.buildings (tenant_id, id),
  constraint asset_transfers_to_fkey foreign key (tenant_id, to_building_id) references requests.buildings (tenant_id, id),
  constraint asset_transfers_moved_with_fkey foreign key (tenant_id, moved_with_id) references requests.assets (tenant_id, id),
  constraint asset_transfers_actor_fkey foreign key (tenant_id, actor_id) references identity.users (tenant_id, id)
);
create index asset_transfers_by_asset on requests.asset_transfers (tenant_id, asset_id, created_at, id);
call app.protect('requests.asset_transfers');

-- Down Migration
drop table requests.asset_transfers;
