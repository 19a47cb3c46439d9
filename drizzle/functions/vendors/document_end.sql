-- The first moment after the last day of a document, in a time zone. Without a last day: infinity.
create or replace function vendors.document_end(valid_until date, zone text) returns timestamptz language sql immutable parallel safe
  return coalesce((valid_until + 1)::timestamp at time zone zone, 'infinity'::timestamptz);
