-- Up Migration
-- Encrypted custom fields, with blind indexes.
alter table app.custom_field_schemas
  -- Names of the properties whose values are encrypted.
  add column encrypted text[] not null default '{}';

alter table app.custom_field_values
  drop constraint custom_field_values_type_check,
  -- The text of an encrypted value is its blind index.
  add constraint custom_field_values_type_check check (type in ('TEXT', 'NUMBER', 'ENCRYPTED'));
create index custom_field_values_by_blind_index on app.custom_field_values (tenant_id, kind, field, text_value, object_id) where type = 'ENCRYPTED';

-- Down Migration
drop index app.custom_field_values_by_blind_index;
-- The owner sees the rows of tenants only while the force is lifted.
alter table app.custom_field_values no force row level security;
delete from app.custom_field_values where type = 'ENCRYPTED';
alter table app.custom_field_values force row level security;
alter table app.custom_field_values
  drop constraint custom_field_values_type_check,
  add constraint custom_field_values_type_check check (type in ('TEXT', 'NUMBER'));
alter table app.custom_field_schemas drop column encrypted;
