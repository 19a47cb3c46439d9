-- Up Migration
-- People at a vendor whom the organization talks to. They need no login.

create table vendors.vendor_contacts (
  tenant_id uuid not null,
  id uuid not null,
  vendor_id uuid not null,
  name text not null,
  role text,
  email text,
  phone text,
  is_primary boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint vendor_contacts_pkey primary key (tenant_id, id),
  constraint vendor_contacts_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id)
);
create index vendor_contacts_by_vendor on vendors.vendor_contacts (tenant_id, vendor_id, created_at, id);
create unique index vendor_contacts_primary_key on vendors.vendor_contacts (tenant_id, vendor_id) where is_primary;
call app.protect('vendors.vendor_contacts', vendor_sees => 'vendor_id = app.vendor()');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["vendorContact.update"]}, "vendor_user": {"ASSIGNED": ["vendorContact.update"]}}');

-- Down Migration
-- Granted permissions stay: roles of tenants may have them by choice.
drop function if exists vendors.delete_contact(uuid);
drop table vendors.vendor_contacts;
