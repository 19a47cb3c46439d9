-- requires: vendors.record_consequence, vendors.sign_contract_version
-- Ends the approval of a version of a contract with its instance, in the same transaction, with an event and an audit entry. The version becomes SIGNED if
-- the instance is COMPLETED in a state that is final as `completed`. It becomes DRAFT, with the comment as the reason, if the instance is COMPLETED in
-- another final state, or CANCELLED. Until then it is IN_APPROVAL. Without the vendor's restrictions, because a vendor's users fire transitions but change
-- no contracts.
create or replace function vendors.follow_contract_approval() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  contract uuid := (new.related ->> 'contract')::uuid;
  was vendors.contracts;
  next vendors.contracts;
  approved integer;
  is_approved boolean;
  why text;
  facts jsonb;
begin
  perform set_config('app.vendor_id', '', true);
  select * into was from vendors.contracts c where c.tenant_id = new.tenant_id and c.id = contract for no key update;
  select v.number into approved
    from vendors.contract_versions v
   where v.tenant_id = new.tenant_id and v.contract_id = contract and v.instance_id = new.subject_id and v.status = 'IN_APPROVAL';
  if found then
    is_approved := workflows.result_of(new.subject_id) = 'COMPLETED';
    facts := jsonb_build_object('number', approved);
    if is_approved then
      facts := facts || jsonb_build_object('hash', vendors.sign_contract_version(new.tenant_id, contract, approved));
    else
      select h.comment into why from workflows.history h
       where h.tenant_id = new.tenant_id and h.instance_id = new.subject_id and h.version = new.subject_version and h.comment is not null limit 1;
      update vendors.contract_versions v set status = 'DRAFT', reason = coalesce(why, ''), updated_at = now()
       where v.tenant_id = new.tenant_id and v.contract_id = contract and v.number = approved;
      update vendors.contracts c
         set status = case when c.signed_number is null then 'DRAFT' else c.status end, version = c.version + 1, updated_at = now()
       where c.tenant_id = new.tenant_id and c.id = contract;
    end if;
    select * into next from vendors.contracts c where c.tenant_id = new.tenant_id and c.id = contract;
    call vendors.record_consequence(new, jsonb_build_object(
      'type', case when is_approved then 'contract.signed' else 'contract.refused' end,
      'action', case when is_approved then 'contract.sign' else 'contract.refuse' end,
      'subjectType', 'contract', 'subjectId', contract, 'version', next.version,
      'related', jsonb_build_object('vendor', was.vendor_id, 'instance', new.subject_id), 'payload', facts,
      'before', jsonb_build_object('status', was.status, 'signedNumber', was.signed_number, 'version', was.version),
      'after', jsonb_build_object('status', next.status, 'signedNumber', next.signed_number, 'version', next.version) || facts));
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
