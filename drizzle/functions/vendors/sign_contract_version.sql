-- requires: vendors.contract_hash
-- Signs a version of a contract, and copies what lists read to the contract. A contract whose first day has come in every time zone is active at once; a
-- worker activates the others, and ends those that are over. Returns the hash.
create or replace function vendors.sign_contract_version(tenant uuid, contract uuid, signed integer) returns text language plpgsql as $$
declare
  terms jsonb;
  content_hash text;
begin
  select v.content, vendors.contract_hash(contract, signed, v.content) into terms, content_hash
    from vendors.contract_versions v where v.tenant_id = tenant and v.contract_id = contract and v.number = signed;
  update vendors.contract_versions v
     set status = 'SIGNED', hash = content_hash, signed_at = app.weft_now(), reason = null, updated_at = now()
   where v.tenant_id = tenant and v.contract_id = contract and v.number = signed;
  update vendors.contracts c
     set signed_number = signed, title = terms ->> 'title', amount = (terms #>> '{amount,amount}')::bigint, currency = terms #>> '{amount,currency}',
         starts_on = (terms ->> 'startsOn')::date, ends_on = (terms ->> 'endsOn')::date,
         status = case
           when c.status in ('ACTIVE', 'TERMINATED') then c.status
           when (terms ->> 'startsOn')::date <= (app.weft_now() at time zone 'UTC' - interval '12 hours')::date then 'ACTIVE'
           else 'SIGNED' end,
         due_at = app.weft_now(),
         version = c.version + 1, updated_at = now()
   where c.tenant_id = tenant and c.id = contract;
  return content_hash;
end $$;
