-- Rewrites the rows of all objects of a kind or type in app.custom_field_values after its indexed fields have changed. Locks the whole kind, because an object
-- can change its type at the same time. Deleted objects have rows, too: a restored one is found by its fields.
create or replace function app.reindex_custom_fields() returns trigger language plpgsql as $$
declare
  objects regclass := case new.kind
    when 'BUILDING' then 'requests.buildings' when 'VENDOR' then 'vendors.vendors' when 'PROJECT' then 'vendors.projects' when 'ASSET' then 'requests.assets' end;
  shows_deleted text := current_setting('app.shows_deleted', true);
  of_type text := case new.kind when 'ASSET' then 'and o.type = $4' else '' end;
begin
  perform app.lock_custom_fields(new.tenant_id, new.kind, true);
  perform set_config('app.shows_deleted', 'on', true);
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
  perform set_config('app.shows_deleted', coalesce(shows_deleted, ''), true);
  return null;
end $$;
