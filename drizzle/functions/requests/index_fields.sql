-- requires: app.index_text, requests.texts_of
-- Makes a request findable by changed fields of its instance. The vendor is unset meanwhile: a transition by a user of a vendor can end what this vendor sees.
create or replace function requests.index_fields() returns trigger language plpgsql as $$
declare
  vendor text := current_setting('app.vendor_id', true);
  request_number text;
begin
  perform set_config('app.vendor_id', '', true);
  select r.number into request_number from requests.requests r where r.tenant_id = new.tenant_id and r.id = new.subject_id;
  if found then
    call app.index_text(new.tenant_id, 'request', new.subject_id, new.subject_id, 'PUBLIC', null, requests.texts_of(request_number, new.data));
  end if;
  perform set_config('app.vendor_id', coalesce(vendor, ''), true);
  return null;
end $$;
