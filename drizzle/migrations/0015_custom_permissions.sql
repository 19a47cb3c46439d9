-- Up Migration
-- Permissions of a tenant's own: its roles grant them, its definitions ask for them.

create table identity.custom_permissions (
  tenant_id uuid not null,
  name text not null,
  description text not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  constraint custom_permissions_pkey primary key (tenant_id, name),
  constraint custom_permissions_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  -- A name of the catalogue would mean something else with the next release.
  constraint custom_permissions_name_check check (name ~ '^custom\.[a-z][A-Za-z0-9]{0,31}$')
);
-- Names with a description, of the sort that everybody reads in `permissions`.
call app.protect('identity.custom_permissions', vendor_sees => 'true', vendor_writes => 'false');

-- Down Migration
drop table identity.custom_permissions;
