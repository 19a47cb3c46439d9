-- Up Migration
-- Each policy remembers its expression, as PostgreSQL prints it, in its comment. The start compares the two: a policy that somebody changed,
-- or that a tool rewrote, is found whatever it says now.

-- The empty search path makes the text the same whoever asks: every name of ours is written with its schema.
create procedure app.record_policies(target regclass) language plpgsql set search_path = '' as $$
declare
  written record;
begin
  for written in
    select p.polname as name, pg_get_expr(p.polqual, p.polrelid) as qual, pg_get_expr(p.polwithcheck, p.polrelid) as checked
      from pg_policy p where p.polrelid = target and p.polroles = '{0}'
  loop
    execute format('comment on policy %I on %s is %L', written.name, target, format('using %s with check %s', written.qual, written.checked));
  end loop;
end $$;
revoke execute on procedure app.record_policies(regclass) from public;

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

do $$
declare
  protected regclass;
begin
  for protected in
    select distinct p.polrelid from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('app', 'identity', 'workflows', 'requests', 'vendors', 'events', 'audit', 'engine') and p.polroles = '{0}'
  loop
    call app.record_policies(protected);
  end loop;
end $$;

-- Down Migration
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
end $$;
drop procedure app.record_policies(regclass);

do $$
declare
  recorded record;
begin
  for recorded in select p.polname as name, p.polrelid::regclass as target from pg_policy p where obj_description(p.oid, 'pg_policy') is not null loop
    execute format('comment on policy %I on %s is null', recorded.name, recorded.target);
  end loop;
end $$;
