-- Up Migration
-- What vendors charge, and where they work.

create table vendors.vendor_rates (
  tenant_id uuid not null,
  vendor_id uuid not null,
  position smallint not null,
  -- Category of work. Null: every category without a rate of its own.
  category text,
  unit text not null,
  -- In minor units of `currency` (ISO 4217).
  amount bigint not null,
  currency text not null,
  -- First and last day. Null: no limit.
  valid_from date,
  valid_until date,
  constraint vendor_rates_pkey primary key (tenant_id, vendor_id, position),
  constraint vendor_rates_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint vendor_rates_unit_check check (unit in ('HOUR', 'VISIT', 'FIXED')),
  constraint vendor_rates_amount_check check (amount >= 0),
  constraint vendor_rates_validity_check check (valid_from <= valid_until)
);
call app.protect('vendors.vendor_rates', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

create table vendors.vendor_service_areas (
  tenant_id uuid not null,
  vendor_id uuid not null,
  position smallint not null,
  -- Either a region, as users wrote it, or a building.
  region text,
  building_id uuid,
  -- By which regions are compared.
  region_key text generated always as (lower(region)) stored,
  constraint vendor_service_areas_pkey primary key (tenant_id, vendor_id, position),
  constraint vendor_service_areas_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint vendor_service_areas_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint vendor_service_areas_place_check check ((region is null) <> (building_id is null))
);
create index vendor_service_areas_by_region on vendors.vendor_service_areas (tenant_id, region_key, vendor_id) where region is not null;
create index vendor_service_areas_by_building on vendors.vendor_service_areas (tenant_id, building_id, vendor_id) where building_id is not null;
call app.protect('vendors.vendor_service_areas', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Down Migration
drop table vendors.vendor_service_areas;
drop table vendors.vendor_rates;
