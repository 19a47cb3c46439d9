-- Up Migration
-- Values that objects have already are encrypted in the background when their field becomes encrypted.
alter table app.custom_field_schemas
  -- Names of encrypted properties of which objects, or earlier versions of them, can still have values in plain text.
  add column encrypting text[] not null default '{}',
  -- When a worker continues to encrypt them. Null: there is nothing to do.
  add column encrypt_at timestamptz;
create index custom_field_schemas_due on app.custom_field_schemas (encrypt_at, tenant_id) where encrypt_at is not null;
create index custom_field_schemas_due_in_tenant on app.custom_field_schemas (tenant_id, encrypt_at) where encrypt_at is not null;

-- Down Migration
-- Values that are still in plain text remain so, and their objects cannot be written until the values are given again: let `encrypting` become empty first.
drop index app.custom_field_schemas_due, app.custom_field_schemas_due_in_tenant;
alter table app.custom_field_schemas drop column encrypting, drop column encrypt_at;
