-- requires: app.assert_fields_encrypted
-- Rewrites the rows of an object in app.custom_field_values. A trigger, so that no statement that changes an object can forget it. Its arguments are the kind of
-- the object and, if each type has its own fields, the column with the type: a changed type has other fields. Users of a vendor do not see all rows: the vendor
-- is unset meanwhile. Values that stay as they are can still be in plain text while a worker encrypts them.
create or replace function app.keep_custom_field_values() returns trigger language plpgsql as $$
declare
  object_kind text := tg_argv[0];
  object_type text := case when tg_nargs > 1 then to_jsonb(new)->>tg_argv[1] else '' end;
  vendor text := current_setting('app.vendor_id', true);
  before jsonb := '{}';
  changed jsonb;
begin
  if tg_op = 'UPDATE' and (tg_nargs = 1 or object_type = to_jsonb(old)->>tg_argv[1]) then
    before := old.fields;
  end if;
  changed := (select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each(new.fields) f where f.value is distinct from before->f.key);
  perform app.lock_custom_fields(new.tenant_id, object_kind, false);
  perform set_config('app.vendor_id', '', true);
  perform app.assert_fields_encrypted(s, changed) from app.custom_field_schemas s
    where s.tenant_id = new.tenant_id and s.kind = object_kind and s.type_key = object_type;
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
