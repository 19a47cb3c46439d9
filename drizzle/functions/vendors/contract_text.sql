-- The text that the hash of a contract's version covers. PostgreSQL's text of a jsonb value is canonical: keys are ordered, numbers exact.
create or replace function vendors.contract_text(contract uuid, number integer, content jsonb) returns text language sql immutable parallel safe
  return jsonb_build_object('contract', contract, 'number', number, 'content', content)::text;
