-- requires: vendors.contract_text
-- SHA-256 (hex) of a version of a contract.
create or replace function vendors.contract_hash(contract uuid, number integer, content jsonb) returns text language sql immutable parallel safe
  return encode(sha256(convert_to(vendors.contract_text(contract, number, content), 'UTF8')), 'hex');
