-- Up Migration

-- What the clients of a tenant use of the API, by day (UTC). One row per client and version: a row per field would be hundreds for each of them, which
-- gateways would write every minute.
create table app.field_uses (
  tenant_id uuid not null,
  day date not null,
  -- As the client names itself; empty if it does not.
  client_name text not null,
  client_version text not null,
  -- Number of operations that used an element, by its coordinate: {"Request.title": 12}.
  fields jsonb not null,
  -- Reasons of those that were deprecated when they were used, by coordinate.
  deprecated jsonb not null default '{}',
  constraint field_uses_pkey primary key (tenant_id, day, client_name, client_version),
  constraint field_uses_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
) with (fillfactor = 50);
call app.protect('app.field_uses');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["schema.read", "fieldUsage.read"]}, "developer": {"TENANT": ["schema.read", "fieldUsage.read"]}}');

-- Down Migration

-- Granted permissions stay: roles of tenants may have them by choice.
drop table app.field_uses;
