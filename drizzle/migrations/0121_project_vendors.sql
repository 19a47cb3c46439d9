-- Up Migration
-- Vendors of projects, with their history. Users of a vendor see its projects as far as their permissions reach.

create table vendors.project_vendors (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  vendor_id uuid not null,
  role text not null,
  assigned_by uuid not null,
  assigned_at timestamptz not null,
  ended_by uuid,
  ended_at timestamptz,
  constraint project_vendors_pkey primary key (tenant_id, id),
  constraint project_vendors_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_vendors_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint project_vendors_assigner_fkey foreign key (tenant_id, assigned_by) references identity.users (tenant_id, id),
  constraint project_vendors_ender_fkey foreign key (tenant_id, ended_by) references identity.users (tenant_id, id),
  constraint project_vendors_ended_check check ((ended_by is null) = (ended_at is null))
);
create unique index project_vendors_present_key on vendors.project_vendors (tenant_id, project_id, vendor_id) where ended_at is null;
create index project_vendors_by_project on vendors.project_vendors (tenant_id, project_id, assigned_at, id);
create index project_vendors_by_vendor on vendors.project_vendors (tenant_id, vendor_id, project_id) where ended_at is null;
create index project_vendors_by_assigner on vendors.project_vendors (tenant_id, assigned_by);
create index project_vendors_by_ender on vendors.project_vendors (tenant_id, ended_by) where ended_by is not null;
call app.protect('vendors.project_vendors', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Down Migration
drop table vendors.project_vendors;
