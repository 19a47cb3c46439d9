-- Up Migration
-- Maintenance plans generate requests by the calendar, by a meter, or by whichever comes first. An occurrence and its request are one transaction.

create table requests.maintenance_plans (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  -- Template of the requests. Files are attached to the plan, and copied.
  type_id uuid not null,
  data jsonb not null,
  building_id uuid,
  asset_id uuid,
  -- In the building. Null: that of the asset when the request is created.
  space_id uuid,
  -- 0 to 3: LOW, NORMAL, HIGH, URGENT. Null: the default of the type.
  priority smallint,
  due_in_seconds integer,
  tags text[] not null default '{}',
  -- Calendar: at most one of the two.
  cron text,
  every_seconds integer,
  time_zone text not null,
  starts_at timestamptz,
  ends_at timestamptz,
  -- Since when the planned times are these. Intervals are counted from it unless there is a start.
  planned_since timestamptz not null,
  -- The next planned time that is not skipped, and when it takes place: another time if it was shifted.
  next_planned_at timestamptz,
  next_run_at timestamptz,
  -- Meter: a request is generated when the total reaches next_total - meter_lead.
  meter_id uuid,
  meter_every numeric(20, 6),
  meter_lead numeric(20, 6) not null default 0,
  next_total numeric(20, 6),
  missed_runs text not null,
  catch_up_seconds integer not null,
  -- The user on whose behalf requests are created.
  owner_id uuid not null,
  status text not null default 'ACTIVE',
  pause_reason text,
  -- Null if the plan paused itself.
  paused_by uuid,
  paused_at timestamptz,
  failures_in_row integer not null default 0,
  -- When a worker must look at the plan.
  due_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint maintenance_plans_pkey primary key (tenant_id, id),
  constraint maintenance_plans_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id),
  constraint maintenance_plans_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint maintenance_plans_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint maintenance_plans_space_fkey foreign key (tenant_id, building_id, space_id) references requests.spaces (tenant_id, building_id, id),
  constraint maintenance_plans_meter_fkey foreign key (tenant_id, meter_id) references requests.meters (tenant_id, id),
  constraint maintenance_plans_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint maintenance_plans_space_check check (space_id is null or building_id is not null),
  constraint maintenance_plans_timing_check check (num_nonnulls(cron, every_seconds) <= 1 and num_nonnulls(cron, every_seconds, meter_id) >= 1),
  constraint maintenance_plans_meter_check check (
    num_nonnulls(meter_id, meter_every, next_total) in (0, 3) and meter_every > 0 and meter_lead >= 0 and meter_lead < meter_every),
  constraint maintenance_plans_missed_runs_check check (missed_runs in ('SKIP', 'RUN_ONCE', 'RUN_ALL')),
  constraint maintenance_plans_status_check check (status in ('ACTIVE', 'PAUSED', 'ENDED')),
  constraint maintenance_plans_paused_check check ((status = 'PAUSED') = (paused_at is not null)),
  constraint maintenance_plans_due_check check (due_at is null or status = 'ACTIVE')
);
create index maintenance_plans_by_name on requests.maintenance_plans (tenant_id, name, id);
create index maintenance_plans_by_asset on requests.maintenance_plans (tenant_id, asset_id) where asset_id is not null;
create index maintenance_plans_by_building on requests.maintenance_plans (tenant_id, building_id) where building_id is not null;
create index maintenance_plans_by_type on requests.maintenance_plans (tenant_id, type_id);
create index maintenance_plans_by_meter on requests.maintenance_plans (tenant_id, meter_id) where meter_id is not null;
create index maintenance_plans_due on requests.maintenance_plans (due_at, tenant_id) where due_at is not null;
create index maintenance_plans_due_in_tenant on requests.maintenance_plans (tenant_id, due_at, id) where due_at is not null;
call app.protect('requests.maintenance_plans');

create table requests.maintenance_occurrences (
  tenant_id uuid not null,
  id uuid not null,
  plan_id uuid not null,
  -- CALENDAR | METER
  cause text not null,
  -- By the calendar, the time in the series. By the meter, the time of the decision.
  planned_at timestamptz not null,
  -- By the meter, the total in the series.
  total numeric(20, 6),
  -- GENERATED | SHIFTED | SKIPPED | MISSED | FAILED. SHIFTED: it takes place at starts_at.
  status text not null,
  starts_at timestamptz,
  request_id uuid,
  -- Why a user has skipped or shifted it.
  reason text,
  decided_by uuid,
  code text,
  message text,
  created_at timestamptz not null,
  constraint maintenance_occurrences_pkey primary key (tenant_id, id),
  constraint maintenance_occurrences_plan_fkey foreign key (tenant_id, plan_id) references requests.maintenance_plans (tenant_id, id),
  constraint maintenance_occurrences_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint maintenance_occurrences_cause_check check (cause in ('CALENDAR', 'METER') and (cause = 'METER') = (total is not null)),
  constraint maintenance_occurrences_status_check check (status in ('GENERATED', 'SHIFTED', 'SKIPPED', 'MISSED', 'FAILED')),
  constraint maintenance_occurrences_request_check check ((status = 'GENERATED') = (request_id is not null)),
  constraint maintenance_occurrences_shifted_check check (status <> 'SHIFTED' or starts_at is not null)
);
create unique index maintenance_occurrences_planned_key on requests.maintenance_occurrences (tenant_id, plan_id, planned_at) where total is null;
create unique index maintenance_occurrences_total_key on requests.maintenance_occurrences (tenant_id, plan_id, total) where total is not null;
create index maintenance_occurrences_by_plan on requests.maintenance_occurrences (tenant_id, plan_id, planned_at, id);
create index maintenance_occurrences_by_request on requests.maintenance_occurrences (tenant_id, request_id) where request_id is not null;
call app.protect('requests.maintenance_occurrences');

alter table app.attachments drop constraint attachments_object_type_check;
alter table app.attachments add constraint attachments_object_type_check check (object_type in ('request', 'building', 'asset', 'maintenancePlan'));

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["maintenancePlan.read", "maintenancePlan.create", "maintenancePlan.update"]},
  "workflow_manager": {"TENANT": ["maintenancePlan.read", "maintenancePlan.create", "maintenancePlan.update"]},
  "operations": {"TENANT": ["maintenancePlan.read", "maintenancePlan.create", "maintenancePlan.update"]},
  "approver": {"TENANT": ["maintenancePlan.read"]},
  "viewer": {"TENANT": ["maintenancePlan.read"]}
}');

-- Down Migration
alter table app.attachments no force row level security;
alter table app.files no force row level security;
delete from app.attachments where object_type = 'maintenancePlan';
update app.files f set is_attached = false, due_at = now() + interval '1 day'
  where f.is_attached and f.status in ('STORED', 'REJECTED') and not exists (select from app.attachments a where a.tenant_id = f.tenant_id and a.file_id = f.id);
alter table app.files force row level security;
alter table app.attachments force row level security;
alter table app.attachments drop constraint attachments_object_type_check;
alter table app.attachments add constraint attachments_object_type_check check (object_type in ('request', 'building', 'asset'));
drop table requests.maintenance_occurrences;
drop table requests.maintenance_plans;
