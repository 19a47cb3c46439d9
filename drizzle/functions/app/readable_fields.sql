-- requires: app.is_encrypted
-- The custom fields of an object without encrypted ones.
create or replace function app.readable_fields(fields jsonb) returns jsonb language sql immutable parallel safe
  return (select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each(fields) f where not app.is_encrypted(f.value));
