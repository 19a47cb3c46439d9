-- requires: vendors.record_consequence
-- Withdraws the open offers of a request that has ended, in the same transaction, with an event and an audit entry each. Without the vendor's restrictions,
-- because a vendor's users fire transitions but change no offers of others.
create or replace function requests.withdraw_offers() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  was requests.vendor_offers;
begin
  perform set_config('app.vendor_id', '', true);
  for was in
    select o.* from requests.vendor_offers o join requests.requests r on r.tenant_id = o.tenant_id and r.id = o.request_id
     where o.tenant_id = new.tenant_id and o.request_id = (new.related ->> 'request')::uuid and o.status = 'OPEN' and r.instance_id = new.subject_id
     order by o.id for update of o
  loop
    update requests.vendor_offers o
       set status = 'WITHDRAWN', ended_at = greatest(app.weft_now(), o.offered_at), version = o.version + 1
     where o.tenant_id = was.tenant_id and o.id = was.id;
    call vendors.record_consequence(new, jsonb_build_object(
      'type', 'vendorOffer.withdrawn', 'action', 'vendorOffer.withdraw', 'subjectType', 'vendorOffer', 'subjectId', was.id, 'version', was.version + 1,
      'related', jsonb_build_object('vendor', was.vendor_id),
      'payload', jsonb_build_object('number', was.request_number, 'title', was.title, 'offeredBy', was.offered_by),
      'before', jsonb_build_object('status', was.status, 'version', was.version),
      'after', jsonb_build_object('status', 'WITHDRAWN', 'version', was.version + 1)));
  end loop;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
