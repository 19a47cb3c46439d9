-- Up Migration
-- Vendors and projects, and what refers to vendors from before.

create schema vendors;

create table vendors.vendors (
  tenant_id uuid not null,
  id uuid not null,
  code text not null,
  name text not null,
  email text,
  phone text,
  categories text[] not null default '{}',
  status text not null default 'ACTIVE',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendors_pkey primary key (tenant_id, id),
  constraint vendors_code_key unique (tenant_id, code),
  constraint vendors_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint vendors_status_check check (status in ('ACTIVE', 'INACTIVE'))
);
create index vendors_by_age on vendors.vendors (tenant_id, created_at, id);
create index vendors_by_name on vendors.vendors (tenant_id, name, id);
call app.protect('vendors.vendors', vendor_sees => 'id = app.vendor()', vendor_writes => 'false');

alter table app.object_access
  add constraint object_access_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id);
alter table identity.users
  add constraint users_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id);
alter table workflows.instances
  add constraint instances_assignee_vendor_fkey foreign key (tenant_id, assignee_vendor_id) references vendors.vendors (tenant_id, id);

create table vendors.projects (
  tenant_id uuid not null,
  id uuid not null,
  code text not null,
  name text not null,
  description text not null default '',
  instance_id uuid not null,
  budget numeric(18, 2),
  currency text,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint projects_pkey primary key (tenant_id, id),
  constraint projects_code_key unique (tenant_id, code),
  constraint projects_instance_key unique (tenant_id, instance_id),
  constraint projects_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint projects_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint projects_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint projects_budget_check check (budget is null or (budget >= 0 and currency is not null))
);
create index projects_by_age on vendors.projects (tenant_id, created_at, id);
create index projects_by_name on vendors.projects (tenant_id, name, id);
call app.protect('vendors.projects', vendor_sees => 'app.vendor_sees(id)');

-- Down Migration
alter table workflows.instances drop constraint instances_assignee_vendor_fkey;
alter table identity.users drop constraint users_vendor_fkey;
alter table app.object_access drop constraint object_access_vendor_fkey;
drop schema vendors cascade;
