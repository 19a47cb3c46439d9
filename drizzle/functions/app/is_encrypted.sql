-- Whether the value of a custom field is stored encrypted.
create or replace function app.is_encrypted(value jsonb) returns boolean language sql immutable parallel safe
  return coalesce(jsonb_typeof(value) = 'object' and starts_with(value->>'$sealed', 'sec:v1:'), false);
