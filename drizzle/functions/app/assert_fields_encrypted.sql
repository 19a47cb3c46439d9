-- requires: app.is_encrypted
-- Refuses custom fields whose values are not encrypted as the schema says, or lack the blind index that it asks for. Somebody else has changed the schema since
-- the writer read it, so the transaction must be run again.
create or replace function app.assert_fields_encrypted(schema app.custom_field_schemas, fields jsonb) returns void language plpgsql as $$
begin
  if exists (
    select from json_object_keys(case json_typeof(schema.schema->'properties') when 'object' then schema.schema->'properties' else '{}' end) as p(name)
     where fields ? p.name
       and (app.is_encrypted(fields->p.name) <> (p.name = any(schema.encrypted))
         or p.name = any(schema.encrypted)
            and (fields->p.name ? '$index') <> exists (select from jsonb_to_recordset(schema.indexed) as i(name text) where i.name = p.name))) then
    raise exception 'the custom fields are encrypted otherwise than their schema says' using errcode = 'serialization_failure';
  end if;
end $$;
