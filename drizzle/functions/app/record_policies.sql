-- Records the expressions of a table's policies in their comments. The start compares both. The empty search path makes the text the same for every caller:
-- names are printed with their schema.
create or replace procedure app.record_policies(target regclass) language plpgsql set search_path = '' as $$
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
