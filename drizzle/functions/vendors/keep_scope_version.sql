-- Refuses changes of a version of a project's scope, whoever makes them.
create or replace function vendors.keep_scope_version() returns trigger language plpgsql as $$
begin
  raise exception 'Version % of the scope of the project % is approved and cannot be changed', old.number, old.project_id using errcode = 'check_violation';
end $$;
