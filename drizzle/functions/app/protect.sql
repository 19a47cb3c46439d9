-- Enables row-level security on a table and creates its policies. Permissive: the tenant. Restrictive: users of a vendor see no rows unless `vendor_sees` says
-- which (a second permissive policy would be OR-ed and widen access), write the rows that `vendor_writes` says (default: those that they see), and
-- delete none. Predicates call functions: Citus cannot propagate a sub-select.
create or replace procedure app.protect(target regclass, vendor_sees text default 'false', vendor_writes text default null) language plpgsql as $$
declare
  sees text := format('app.is_staff() or (%s)', vendor_sees);
  writes text := format('app.is_staff() or (%s)', coalesce(vendor_writes, vendor_sees));
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant on %s as permissive for all using (tenant_id = app.tenant()) with check (tenant_id = app.tenant())', target);
  execute format('create policy vendor on %s as restrictive for all using (%s) with check (%s)', target, sees, writes);
  execute format('create policy vendor_delete on %s as restrictive for delete using (app.is_staff())', target);
  call app.record_policies(target);
end $$;
revoke execute on procedure app.protect(regclass, text, text) from public;
