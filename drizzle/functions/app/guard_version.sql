-- requires: app.is_encrypted
-- Nobody changes what a kept row was, except for its custom fields: re-encryption replaces their ciphertexts, and a text is encrypted when its field is.
create or replace function app.guard_version() returns trigger language plpgsql as $$
begin
  if new.image - 'fields' is distinct from old.image - 'fields'
     or exists (
       select from jsonb_each(coalesce(old.image->'fields', '{}')) as o full join jsonb_each(coalesce(new.image->'fields', '{}')) as n using (key)
        where o.value is distinct from n.value
          and not coalesce(app.is_encrypted(n.value) and (app.is_encrypted(o.value) or jsonb_typeof(o.value) = 'string'), false)) then
    raise exception 'a kept version of an object does not change' using errcode = 'check_violation', constraint = 'object_versions_kept_check';
  end if;
  return new;
end $$;
