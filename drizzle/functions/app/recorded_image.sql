-- The image of an object for the audit trail, which never changes: a text that a worker has yet to encrypt gets a mark. Other fields stay.
create or replace function app.recorded_image(entity_type text, image jsonb) returns jsonb language plpgsql stable as $$
declare
  names text[];
begin
  if entity_type not in ('building', 'asset', 'vendor', 'project') or coalesce(jsonb_typeof(image->'fields'), '') <> 'object' then
    return image;
  end if;
  select s.encrypting into names from app.custom_field_schemas s
   where s.tenant_id = app.tenant() and s.kind = upper(entity_type)
     and s.type_key = case entity_type when 'asset' then image->>'type' else '' end and s.encrypting <> '{}';
  if not found or not image->'fields' ?| names then
    return image;
  end if;
  return jsonb_set(image, '{fields}', (
    -- Ciphertexts have marks already.
    select jsonb_object_agg(f.key, case
             when f.key = any(names) and not coalesce(f.value #>> '{}' ~ '^\[encrypted [0-9a-f]{8}\]$', false) then '"[encrypted]"'
             else f.value end)
      from jsonb_each(image->'fields') f));
end $$;
