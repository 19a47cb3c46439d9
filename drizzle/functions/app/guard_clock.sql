-- A tenant that works for real never becomes a sandbox, and no clock goes back. The owner of the tables sets up demonstrations and tests.
create or replace function app.guard_clock() returns trigger language plpgsql as $$
begin
  if pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'member') then
    return new;
  end if;
  if new.is_sandbox is distinct from old.is_sandbox then
    raise exception 'a tenant is a sandbox for ever or never' using errcode = 'check_violation', constraint = 'tenants_sandbox_check';
  end if;
  if coalesce(new.clock_stands_at, now() + new.clock_offset_ms * interval '1 millisecond')
     < coalesce(old.clock_stands_at, now() + old.clock_offset_ms * interval '1 millisecond') then
    raise exception 'the clock of a sandbox does not go back' using errcode = 'check_violation', constraint = 'tenants_clock_forward_check';
  end if;
  return new;
end $$;
