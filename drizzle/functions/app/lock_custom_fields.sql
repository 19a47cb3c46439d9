-- Locks the indexed values of the custom fields of a kind until the transaction ends: shared for objects, which are written at the same time, and exclusive
-- for a new schema, which rewrites the values of all objects. Without it, an object that was written with the previous schema could be overlooked.
create or replace function app.lock_custom_fields(tenant uuid, kind text, is_exclusive boolean) returns void language plpgsql as $$
declare
  place bigint := hashtextextended(format('weft.customFields.%s.%s', tenant, kind), 0);
begin
  if is_exclusive then
    perform pg_advisory_xact_lock(place);
  else
    perform pg_advisory_xact_lock_shared(place);
  end if;
end $$;
