-- A slot that no other transaction of the tenant uses, or a random one if all are taken. Reserved until the transaction ends.
create or replace function app.usage_slot() returns smallint language plpgsql as $$
declare
  tenant constant integer := hashtext(app.tenant()::text);
  first constant integer := pg_backend_pid();
begin
  for n in first..first + 15 loop
    -- "usa" in ASCII, and the slot.
    if pg_try_advisory_xact_lock(tenant, 1970495744 + n % 16) then
      return n % 16;
    end if;
  end loop;
  return first % 16;
end $$;
