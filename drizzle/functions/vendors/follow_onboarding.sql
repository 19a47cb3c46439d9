-- Sets the status of a vendor when its onboarding ends, in the same transaction, with an audit entry and an event. It runs for the event of the instance,
-- which knows the actor and the request. Without the vendor's restrictions, because a vendor's users can fire transitions but change no vendors.
create or replace function vendors.follow_onboarding() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  vendor uuid := (new.related ->> 'vendor')::uuid;
  next record;
  was record;
  event uuid;
  entry uuid;
begin
  perform set_config('app.vendor_id', '', true);
  -- How the instance ended → the status of the vendor.
  select * into next from (values
      ('COMPLETED', 'ACTIVE', 'vendor.approved', 'vendor.approve'),
      ('REJECTED', 'REJECTED', 'vendor.rejected', 'vendor.reject'),
      ('CANCELLED', 'REJECTED', 'vendor.rejected', 'vendor.reject')) as t (result, status, event_type, action)
   where t.result = workflows.result_of(new.subject_id);
  select v.status, v.version into was
    from vendors.vendors v
   where v.tenant_id = new.tenant_id and v.id = vendor and v.instance_id = new.subject_id and v.status = 'ONBOARDING' and next.status is not null
     for no key update of v;
  if found then
    update vendors.vendors
       set status = next.status, status_changed_at = now(), version = version + 1, updated_at = now()
     where tenant_id = new.tenant_id and id = vendor;
    event := app.uuid_v7();
    insert into events.log (
      tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
      request_id, trace_id, occurred_at)
    values (
      new.tenant_id, event, next.event_type, 1, 'vendor', vendor, was.version + 1, jsonb_build_object('instance', new.subject_id), '{}',
      new.actor_id, new.on_behalf_of, new.id, new.request_id, new.trace_id, new.occurred_at);
    insert into events.outbox (tenant_id, event_id) values (new.tenant_id, event);
    entry := app.uuid_v7();
    insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, request_id)
    values (
      new.tenant_id, entry, next.action, 'vendor', vendor,
      jsonb_build_object('status', was.status, 'version', was.version),
      jsonb_build_object('status', next.status, 'version', was.version + 1),
      new.actor_id, new.on_behalf_of, new.request_id);
    insert into audit.unsealed (tenant_id, entry_id) values (new.tenant_id, entry);
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
