-- requires: vendors.scope_text
-- SHA-256 (hex) of a version of a project's scope.
create or replace function vendors.scope_hash(project uuid, number integer, content jsonb) returns text language sql immutable parallel safe
  return encode(sha256(convert_to(vendors.scope_text(project, number, content), 'UTF8')), 'hex');
