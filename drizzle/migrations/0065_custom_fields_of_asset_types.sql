-- Up Migration
-- Custom fields of assets: each type of asset has a schema of its own.

alter table app.custom_field_schemas
  -- Empty for kinds whose objects all have the same fields.
  add column type_key text not null default '',
  drop constraint custom_field_schemas_kind_key,
  drop constraint custom_field_schemas_kind_check,
  add constraint custom_field_schemas_owner_key unique (tenant_id, kind, type_key),
  add constraint custom_field_schemas_kind_check check (kind in ('BUILDING', 'VENDOR', 'PROJECT', 'ASSET')),
  add constraint custom_field_schemas_type_key_check check ((kind = 'ASSET') = (type_key <> ''));

alter table requests.assets add column fields jsonb not null default '{}', add column fields_version integer not null default 0;

create or replace function app.keep_custom_field_values() returns trigger language plpgsql as $$
declare
  object_kind text := tg_argv[0];
  object_type text := case when tg_nargs > 1 then to_jsonb(new)->>tg_argv[1] else '' end;
  vendor text := current_setting('app.vendor_id', true);
begin
  perform app.lock_custom_fields(new.tenant_id, object_kind, false);
  perform set_config('app.vendor_id', '', true);
  if tg_nargs > 1 and tg_op = 'UPDATE' and object_type <> to_jsonb(old)->>tg_argv[1] then
    delete from app.custom_field_values v
     where v.tenant_id = new.tenant_id and v.kind = object_kind and v.object_id = new.id
       and not exists (
         select from app.custom_field_schemas s, jsonb_to_recordset(s.indexed) as i(name text)
          where s.tenant_id = new.tenant_id and s.kind = object_kind and s.type_key = object_type and i.name = v.field);
  end if;
  insert into app.custom_field_values as present (tenant_id, kind, object_id, field, type, is_for_vendors, is_set, text_value, number_value)
  select new.tenant_id, object_kind, new.id, v.field, v.type, v.is_for_vendors, v.is_set, v.text_value, v.number_value
    from app.custom_field_schemas s, app.indexed_values(s.indexed, new.fields) v
   where s.tenant_id = new.tenant_id and s.kind = object_kind and s.type_key = object_type
  on conflict on constraint custom_field_values_pkey do update
    set type = excluded.type, is_for_vendors = excluded.is_for_vendors, is_set = excluded.is_set, text_value = excluded.text_value, number_value = excluded.number_value
    where (present.type, present.is_for_vendors, present.is_set, present.text_value, present.number_value)
      is distinct from (excluded.type, excluded.is_for_vendors, excluded.is_set, excluded.text_value, excluded.number_value);
  perform set_config('app.vendor_id', coalesce(vendor, ''), true);
  return null;
end $$;

create or replace function app.reindex_custom_fields() returns trigger language plpgsql as $$
declare
  objects regclass := case new.kind
    when 'BUILDING' then 'requests.buildings' when 'VENDOR' then 'vendors.vendors' when 'PROJECT' then 'vendors.projects' when 'ASSET' then 'requests.assets' end;
  of_type text := case new.kind when 'ASSET' then 'and o.type = $4' else '' end;
begin
  perform app.lock_custom_fields(new.tenant_id, new.kind, true);
  execute format(
    'delete from app.custom_field_values v
      using %s o
      where v.tenant_id = $1 and v.kind = $2 and o.tenant_id = $1 and o.id = v.object_id %s
        and not exists (select from jsonb_to_recordset($3) as i(name text) where i.name = v.field)', objects, of_type)
  using new.tenant_id, new.kind, new.indexed, new.type_key;
  execute format(
    'insert into app.custom_field_values as present (tenant_id, kind, object_id, field, type, is_for_vendors, is_set, text_value, number_value)
     select o.tenant_id, $2, o.id, v.field, v.type, v.is_for_vendors, v.is_set, v.text_value, v.number_value
       from %s o, app.indexed_values($3, o.fields) v
      where o.tenant_id = $1 %s
     on conflict on constraint custom_field_values_pkey do update
       set type = excluded.type, is_for_vendors = excluded.is_for_vendors, is_set = excluded.is_set, text_value = excluded.text_value, number_value = excluded.number_value
       where (present.type, present.is_for_vendors, present.is_set, present.text_value, present.number_value)
         is distinct from (excluded.type, excluded.is_for_vendors, excluded.is_set, excluded.text_value, excluded.number_value)', objects, of_type)
  using new.tenant_id, new.kind, new.indexed, new.type_key;
  return null;
end $$;

create or replace trigger assets_fields_changed after insert or update of fields, type on requests.assets for each row
  execute function app.keep_custom_field_values('ASSET', 'type');

-- Down Migration
drop trigger assets_fields_changed on requests.assets;
alter table requests.assets drop column fields_version, drop column fields;
-- The owner sees the rows of tenants only while the force is lifted.
alter table app.custom_field_values no force row level security;
alter table app.custom_field_schema_versions no force row level security;
alter table app.custom_field_schemas no force row level security;
delete from app.custom_field_values where kind = 'ASSET';
delete from app.custom_field_schema_versions v using app.custom_field_schemas s where s.tenant_id = v.tenant_id and s.id = v.schema_id and s.kind = 'ASSET';
delete from app.custom_field_schemas where kind = 'ASSET';
alter table app.custom_field_values force row level security;
alter table app.custom_field_schema_versions force row level security;
alter table app.custom_field_schemas force row level security;
alter table app.custom_field_schemas
  drop constraint custom_field_schemas_type_key_check,
  drop constraint custom_field_schemas_kind_check,
  drop constraint custom_field_schemas_owner_key,
  add constraint custom_field_schemas_kind_check check (kind in ('BUILDING', 'VENDOR', 'PROJECT')),
  add constraint custom_field_schemas_kind_key unique (tenant_id, kind),
  drop column type_key;
create or replace function app.keep_custom_field_values() returns trigger language plpgsql as $$
declare
  object_kind text := tg_argv[0];
  vendor text := current_setting('app.vendor_id', true);
begin
  perform app.lock_custom_fields(new.tenant_id, object_kind, false);
  perform set_config('app.vendor_id', '', true);
  insert into app.custom_field_values as present (tenant_id, kind, object_id, field, type, is_for_vendors, is_set, text_value, number_value)
  select new.tenant_id, object_kind, new.id, v.field, v.type, v.is_for_vendors, v.is_set, v.text_value, v.number_value
    from app.custom_field_schemas s, app.indexed_values(s.indexed, new.fields) v
   where s.tenant_id = new.tenant_id and s.kind = object_kind
  on conflict on constraint custom_field_values_pkey do update
    set is_set = excluded.is_set, text_value = excluded.text_value, number_value = excluded.number_value
    where (present.is_set, present.text_value, present.number_value) is distinct from (excluded.is_set, excluded.text_value, excluded.number_value);
  perform set_config('app.vendor_id', coalesce(vendor, ''), true);
  return null;
end $$;

create or replace function app.reindex_custom_fields() returns trigger language plpgsql as $$
declare
  objects regclass := case new.kind when 'BUILDING' then 'requests.buildings' when 'VENDOR' then 'vendors.vendors' when 'PROJECT' then 'vendors.projects' end;
begin
  perform app.lock_custom_fields(new.tenant_id, new.kind, true);
  delete from app.custom_field_values v
   where v.tenant_id = new.tenant_id and v.kind = new.kind
     and not exists (select from jsonb_to_recordset(new.indexed) as i(name text) where i.name = v.field);
  execute format(
    'insert into app.custom_field_values as present (tenant_id, kind, object_id, field, type, is_for_vendors, is_set, text_value, number_value)
     select o.tenant_id, $2, o.id, v.field, v.type, v.is_for_vendors, v.is_set, v.text_value, v.number_value
       from %s o, app.indexed_values($3, o.fields) v
      where o.tenant_id = $1
     on conflict on constraint custom_field_values_pkey do update
       set type = excluded.type, is_for_vendors = excluded.is_for_vendors, is_set = excluded.is_set, text_value = excluded.text_value, number_value = excluded.number_value
       where (present.type, present.is_for_vendors, present.is_set, present.text_value, present.number_value)
         is distinct from (excluded.type, excluded.is_for_vendors, excluded.is_set, excluded.text_value, excluded.number_value)', objects)
  using new.tenant_id, new.kind, new.indexed;
  return null;
end $$;
