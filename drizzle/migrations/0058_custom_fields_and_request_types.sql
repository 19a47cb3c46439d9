-- Up Migration
-- Custom fields: properties that a tenant adds to its buildings, vendors and projects, and their values, by which lists filter and order.

create table app.custom_field_schemas (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  -- json, not jsonb: the order of the properties is that of forms.
  schema json not null,
  -- The properties that lists filter and order by: [{"name": "floorArea", "type": "NUMBER", "isForVendors": false}].
  indexed jsonb not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint custom_field_schemas_pkey primary key (tenant_id, id),
  constraint custom_field_schemas_kind_key unique (tenant_id, kind),
  constraint custom_field_schemas_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint custom_field_schemas_kind_check check (kind in ('BUILDING', 'VENDOR', 'PROJECT'))
);
-- Users of a vendor see the fields of what they were given that are meant for vendors: the schema says which.
call app.protect('app.custom_field_schemas', vendor_sees => 'true', vendor_writes => 'false');

create table app.custom_field_schema_versions (
  tenant_id uuid not null,
  schema_id uuid not null,
  version integer not null,
  schema json not null,
  message text,
  author_id uuid not null,
  created_at timestamptz not null default now(),
  constraint custom_field_schema_versions_pkey primary key (tenant_id, schema_id, version),
  constraint custom_field_schema_versions_schema_fkey foreign key (tenant_id, schema_id) references app.custom_field_schemas (tenant_id, id)
);
call app.protect('app.custom_field_schema_versions');

-- Values of the indexed fields, written only by triggers: a row for each object and field. Objects without a value have a row too, with the last value of
-- the order, so that lists can be ordered by an index. double precision, because its comparisons are leak-proof and can use an index under row-level security.
create table app.custom_field_values (
  tenant_id uuid not null,
  kind text not null,
  object_id uuid not null,
  field text not null,
  type text not null,
  is_for_vendors boolean not null,
  is_set boolean not null,
  text_value text collate "C" not null,
  number_value double precision not null,
  constraint custom_field_values_pkey primary key (tenant_id, kind, object_id, field),
  constraint custom_field_values_type_check check (type in ('TEXT', 'NUMBER'))
);
create index custom_field_values_by_text on app.custom_field_values (tenant_id, kind, field, text_value, object_id) where type = 'TEXT';
create index custom_field_values_by_number on app.custom_field_values (tenant_id, kind, field, number_value, object_id) where type = 'NUMBER';
call app.protect('app.custom_field_values', vendor_sees => 'is_for_vendors and (app.vendor_sees(object_id) or object_id = app.vendor())', vendor_writes => 'false');

-- The version of the schema against which the values were validated; 0: there was none.
alter table requests.buildings add column fields jsonb not null default '{}', add column fields_version integer not null default 0;
alter table vendors.vendors add column fields jsonb not null default '{}', add column fields_version integer not null default 0;
alter table vendors.projects add column fields jsonb not null default '{}', add column fields_version integer not null default 0;

create function app.indexed_values(indexed jsonb, fields jsonb)
returns table (field text, type text, is_for_vendors boolean, is_set boolean, text_value text, number_value double precision)
language sql immutable parallel safe as $$
  select i.name, case i.type when 'NUMBER' then 'NUMBER' else 'TEXT' end, coalesce(i."isForVendors", false), v.is_set,
         case when i.type = 'NUMBER' then '' when not v.is_set then chr(1114111) when length(v.text) > 200 then left(v.text, 200) || '…' else v.text end,
         case when i.type <> 'NUMBER' then 0 when v.is_set then v.text::double precision else 'Infinity' end
    from jsonb_to_recordset(indexed) as i(name text, type text, "isForVendors" boolean)
   cross join lateral (
     select fields->>i.name as text,
            coalesce(jsonb_typeof(fields->i.name) = case i.type when 'NUMBER' then 'number' when 'BOOLEAN' then 'boolean' else 'string' end, false) as is_set) v
$$;

create function app.lock_custom_fields(tenant uuid, kind text, is_exclusive boolean) returns void language plpgsql as $$
declare
  place bigint := hashtextextended(format('weft.customFields.%s.%s', tenant, kind), 0);
begin
  if is_exclusive then
    perform pg_advisory_xact_lock(place);
  else
    perform pg_advisory_xact_lock_shared(place);
  end if;
end $$;

create function app.keep_custom_field_values() returns trigger language plpgsql as $$
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

create function app.reindex_custom_fields() returns trigger language plpgsql as $$
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

create trigger custom_fields_changed after insert or update of indexed on app.custom_field_schemas for each row
  execute function app.reindex_custom_fields();
create trigger buildings_fields_changed after insert or update of fields on requests.buildings for each row
  execute function app.keep_custom_field_values('BUILDING');
create trigger projects_fields_changed after insert or update of fields on vendors.projects for each row
  execute function app.keep_custom_field_values('PROJECT');
create trigger vendors_fields_changed after insert or update of fields on vendors.vendors for each row
  execute function app.keep_custom_field_values('VENDOR');

-- Request types: versions, who can use them, their place in the catalog, and the pattern of their numbers.

alter table requests.request_types
  add column status text not null default 'ACTIVE' constraint request_types_status_check check (status in ('ACTIVE', 'INACTIVE')),
  add column icon text,
  add column position integer not null default 0,
  -- Keys of roles and IDs of teams whose members can use the type; both empty: everybody who can create requests.
  add column role_keys text[] not null default '{}',
  add column team_ids uuid[] not null default '{}',
  -- <prefix>-<number>, or <prefix>-<year>-<number> with numbers that begin with 1 each year.
  add column is_numbered_by_year boolean not null default false,
  add column number_digits smallint not null default 1 constraint request_types_number_digits_check check (number_digits between 1 and 10);

create table requests.request_type_versions (
  tenant_id uuid not null,
  type_id uuid not null,
  version integer not null,
  terms jsonb not null,
  message text,
  -- Null: the version is older than the history.
  author_id uuid,
  created_at timestamptz not null default now(),
  constraint request_type_versions_pkey primary key (tenant_id, type_id, version),
  constraint request_type_versions_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id)
);
-- The history begins with the types as they are. The owner sees the rows of tenants only while the force is lifted.
alter table requests.request_types no force row level security;
insert into requests.request_type_versions (tenant_id, type_id, version, terms, created_at)
select t.tenant_id, t.id, t.version,
       jsonb_build_object(
         'name', t.name, 'description', t.description, 'definitionKey', t.definition_key, 'numberPrefix', t.number_prefix,
         'isNumberedByYear', t.is_numbered_by_year, 'numberDigits', t.number_digits, 'submitTransition', t.submit_transition,
         'cancelTransition', t.cancel_transition, 'closeTransition', t.close_transition, 'reopenTransition', t.reopen_transition,
         'fields', t.fields, 'route', t.route, 'status', t.status, 'icon', t.icon, 'position', t.position, 'roleKeys', to_jsonb(t.role_keys),
         'teamIds', to_jsonb(t.team_ids)),
       t.updated_at
  from requests.request_types t;
alter table requests.request_types force row level security;
call app.protect('requests.request_type_versions');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["requestType.update"]}, "workflow_manager": {"TENANT": ["requestType.update"]}}');

-- Down Migration
-- Granted permissions stay: roles of tenants may have them by choice.
drop table requests.request_type_versions;
alter table requests.request_types
  drop column number_digits, drop column is_numbered_by_year, drop column team_ids, drop column role_keys, drop column position, drop column icon,
  drop column status;
drop trigger projects_fields_changed on vendors.projects;
drop trigger vendors_fields_changed on vendors.vendors;
drop trigger buildings_fields_changed on requests.buildings;
alter table vendors.projects drop column fields_version, drop column fields;
alter table vendors.vendors drop column fields_version, drop column fields;
alter table requests.buildings drop column fields_version, drop column fields;
drop table app.custom_field_values, app.custom_field_schema_versions, app.custom_field_schemas;
drop function app.reindex_custom_fields(), app.keep_custom_field_values(), app.lock_custom_fields(uuid, text, boolean), app.indexed_values(jsonb, jsonb);
