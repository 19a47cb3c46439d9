-- Up Migration
-- Meters of assets, such as hours of operation or a temperature, and their readings.

create table requests.meters (
  tenant_id uuid not null,
  id uuid not null,
  asset_id uuid not null,
  name text not null,
  unit text not null,
  -- CUMULATIVE: its values never fall. GAUGE: they rise and fall.
  kind text not null,
  -- ACTIVE | INACTIVE
  status text not null default 'ACTIVE',
  -- Thresholds: an event occurs when a reading rises to `above`, falls to `below`, or passes a multiple of `every`.
  above numeric(20, 6),
  below numeric(20, 6),
  every numeric(20, 6),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint meters_pkey primary key (tenant_id, id),
  constraint meters_name_key unique (tenant_id, asset_id, name),
  constraint meters_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint meters_kind_check check (kind in ('CUMULATIVE', 'GAUGE')),
  constraint meters_status_check check (status in ('ACTIVE', 'INACTIVE')),
  constraint meters_thresholds_check check (below < above and every > 0 and (kind = 'CUMULATIVE' or every is null))
);
call app.protect('requests.meters', vendor_sees => 'app.vendor_sees(asset_id)', vendor_writes => 'false');

-- Whether the acting vendor sees the meter, by the policy of its table.
create function app.vendor_sees_meter(meter uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from requests.meters m where m.tenant_id = app.tenant() and m.id = meter);
end $$;

-- Readings are never changed or deleted: a correction is another row, which replaces the wrong one. Only `shift` follows corrections of earlier readings.
create table requests.meter_readings (
  tenant_id uuid not null,
  id uuid not null,
  meter_id uuid not null,
  read_at timestamptz not null,
  -- What the device shows. With `shift`, it is the total, which continues when the device is replaced.
  value numeric(20, 6) not null,
  shift numeric(20, 6) not null default 0,
  -- First reading of another device.
  is_reset boolean not null default false,
  note text,
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  -- The reading that this one corrects, and why.
  replaces_id uuid,
  reason text,
  -- The reading that corrects this one. Null: this one is valid.
  replaced_by_id uuid,
  constraint meter_readings_pkey primary key (tenant_id, id),
  constraint meter_readings_meter_fkey foreign key (tenant_id, meter_id) references requests.meters (tenant_id, id),
  constraint meter_readings_user_fkey foreign key (tenant_id, recorded_by) references identity.users (tenant_id, id),
  constraint meter_readings_reason_check check ((replaces_id is null) = (reason is null))
);
create unique index meter_readings_by_time on requests.meter_readings (tenant_id, meter_id, read_at) where replaced_by_id is null;
create index meter_readings_by_meter on requests.meter_readings (tenant_id, meter_id, id);
call app.protect('requests.meter_readings', vendor_sees => 'app.vendor_sees_meter(meter_id)', vendor_writes => 'false');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["meter.record"]},
  "workflow_manager": {"TENANT": ["meter.record"]},
  "operations": {"TENANT": ["meter.record"]}
}');

-- Down Migration
drop table requests.meter_readings;
drop function app.vendor_sees_meter(uuid);
drop table requests.meters;
