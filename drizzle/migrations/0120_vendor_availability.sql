-- Up Migration
-- How much work vendors take, and when they are absent.

-- Vendors without a row take any number of assignments. An assignment locks the row, so that concurrent ones count each other.
create table vendors.availability (
  tenant_id uuid not null,
  vendor_id uuid not null,
  -- Name of a calendar of the configuration. Null: that of the organization.
  calendar text,
  max_open integer,
  per_day integer,
  per_week integer,
  constraint availability_pkey primary key (tenant_id, vendor_id),
  constraint availability_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint availability_limits_check check (max_open >= 0 and per_day >= 0 and per_week >= 0)
);
call app.protect('vendors.availability', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

create table vendors.absences (
  tenant_id uuid not null,
  vendor_id uuid not null,
  from_day date not null,
  -- Last day.
  until_day date not null,
  -- For users of the organization.
  reason text,
  constraint absences_pkey primary key (tenant_id, vendor_id, from_day),
  constraint absences_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint absences_days_check check (from_day <= until_day)
);
call app.protect('vendors.absences', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- What counts for the limits.
create index work_open on vendors.work (tenant_id, vendor_id) where outcome = 'OPEN' and not is_deleted;
create index project_tasks_open on vendors.project_tasks (tenant_id, assignee_vendor_id)
  where assignee_vendor_id is not null and percent_complete < 100 and deleted_at is null;

-- Down Migration
drop index vendors.project_tasks_open;
drop index vendors.work_open;
drop table vendors.absences;
drop table vendors.availability;
