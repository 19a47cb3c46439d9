-- Up Migration
-- Data keys of tenants, which encrypt the secrets that tenants store. Encrypted with the master key.

create table app.tenant_keys (
  tenant_id uuid not null,
  number integer not null,
  wrapped_key text not null,
  created_at timestamptz not null default now(),
  constraint tenant_keys_pkey primary key (tenant_id, number),
  constraint tenant_keys_number_check check (number > 0),
  constraint tenant_keys_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('app.tenant_keys');

-- Down Migration
drop table app.tenant_keys;
