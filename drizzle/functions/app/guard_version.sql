-- requires: app.readable_fields
-- Nobody changes what a kept row was, except for the ciphertexts of its custom fields, which re-encryption replaces.
create or replace function app.guard_version() returns trigger language plpgsql as $$
begin
  if new.image - 'fields' is distinct from old.image - 'fields'
     or app.readable_fields(new.image->'fields') is distinct from app.readable_fields(old.image->'fields')
     or exists (select from jsonb_object_keys(old.image->'fields') as f(name) where not new.image->'fields' ? f.name)
     or exists (select from jsonb_object_keys(new.image->'fields') as f(name) where not old.image->'fields' ? f.name) then
    raise exception 'a kept version of an object does not change' using errcode = 'check_violation', constraint = 'object_versions_kept_check';
  end if;
  return new;
end $$;
