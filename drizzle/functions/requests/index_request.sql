-- requires: app.index_text, requests.texts_of
-- Makes a new request findable by its number and fields.
create or replace function requests.index_request() returns trigger language plpgsql as $$
declare
  fields jsonb;
begin
  select i.data into fields from workflows.instances i where i.tenant_id = new.tenant_id and i.id = new.instance_id;
  call app.index_text(new.tenant_id, 'request', new.id, new.id, 'PUBLIC', null, requests.texts_of(new.number, fields));
  return null;
end $$;
