-- requires: vendors.sign_contract_version
-- Ends the approval of a version of a contract with its instance, in the same transaction, with an event and an audit entry. The version becomes SIGNED if
-- the instance is COMPLETED in a state that is final as `completed`. It becomes DRAFT, with the comment as the reason, if the instance is COMPLETED in
-- another final state, or CANCELLED. Until then it is IN_APPROVAL. Without the vendor's restrictions, because a vendor's users fire transitions but change
-- no contracts.
create or replace function vendors.follow_contract_approval() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  contract uuid := (new.related ->> 'contract')::uuid;
  was record;
  approved record;
  is_approved boolean;
  why text;
  facts jsonb;
  next record;
  event uuid := app.uuid_v7();
  entry uuid := app.uuid_v7();
begin
  perform set_config('app.vendor_id', '', true);
  select c.status, c.version, c.signed_number, c.vendor_id into was
    from vendors.contracts c where c.tenant_id = new.tenant_id and c.id = contract for no key update;
  select v.number into approved
    from vendors.contract_versions v
   where v.tenant_id = new.tenant_id and v.contract_id = contract and v.instance_id = new.subject_id and v.status = 'IN_APPROVAL';
  if found then
    select i.status = 'COMPLETED' and d.document #>> array['states', i.state, 'final'] = 'completed' into is_approved
      from workflows.instances i join workflows.definitions d on d.tenant_id = i.tenant_id and d.id = i.definition_id
     where i.tenant_id = new.tenant_id and i.id = new.subject_id;
    if is_approved then
      facts := jsonb_build_object('number', approved.number, 'hash', vendors.sign_contract_version(new.tenant_id, contract, approved.number));
    else
      select h.comment into why from workflows.history h
       where h.tenant_id = new.tenant_id and h.instance_id = new.subject_id and h.version = new.subject_version and h.comment is not null limit 1;
      update vendors.contract_versions v set status = 'DRAFT', reason = coalesce(why, ''), updated_at = now()
       where v.tenant_id = new.tenant_id and v.contract_id = contract and v.number = approved.number;
      update vendors.contracts c
         set status = case when c.signed_number is null then 'DRAFT' else c.status end, version = c.version + 1, updated_at = now()
       where c.tenant_id = new.tenant_id and c.id = contract;
      facts := jsonb_build_object('number', approved.number);
    end if;
    select c.status, c.version, c.signed_number into next from vendors.contracts c where c.tenant_id = new.tenant_id and c.id = contract;
    insert into events.log (
      tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
      request_id, trace_id, occurred_at)
    values (
      new.tenant_id, event, case when is_approved then 'contract.signed' else 'contract.refused' end, 1, 'contract', contract, next.version,
      jsonb_build_object('vendor', was.vendor_id, 'instance', new.subject_id), facts, new.actor_id, new.on_behalf_of, new.id, new.request_id, new.trace_id,
      new.occurred_at);
    insert into events.outbox (tenant_id, event_id) values (new.tenant_id, event);
    insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, request_id)
    values (
      new.tenant_id, entry, case when is_approved then 'contract.sign' else 'contract.refuse' end, 'contract', contract,
      jsonb_build_object('status', was.status, 'signedNumber', was.signed_number, 'version', was.version),
      jsonb_build_object('status', next.status, 'signedNumber', next.signed_number, 'version', next.version) || facts,
      new.actor_id, new.on_behalf_of, new.request_id);
    insert into audit.unsealed (tenant_id, entry_id) values (new.tenant_id, entry);
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
