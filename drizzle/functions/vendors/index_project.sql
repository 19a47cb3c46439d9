-- requires: app.index_text
-- Makes a new or changed project findable.
create or replace function vendors.index_project() returns trigger language plpgsql as $$
begin
  call app.index_text(new.tenant_id, 'project', new.id, new.id, 'PUBLIC', null, concat_ws(' ', new.code, new.name, new.description));
  return null;
end $$;
