-- Refuses changes of a signed version of a contract, whoever makes them.
create or replace function vendors.keep_signed_version() returns trigger language plpgsql as $$
begin
  raise exception 'Version % of the contract % is signed and cannot be changed', old.number, old.contract_id using errcode = 'check_violation';
end $$;
