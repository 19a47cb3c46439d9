-- The earliest time at which a date is announced, some days before it, in any time zone. The worker computes the exact one.
create or replace function requests.notice_time(date, integer) returns timestamptz language sql immutable parallel safe
  return (($1 - $2)::timestamp at time zone 'UTC') - interval '14 hours';
