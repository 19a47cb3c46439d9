-- What a row of vendors.work adds to the days of its assignment, its end, and its rating. `sign` is -1 to take it away.
create or replace function vendors.facts_of(w vendors.work, sign integer) returns table (
  day date, assigned integer, responded integer, response_us bigint, completed integer, completion_us bigint, reopened integer, measured integer,
  met integer, rated integer, stars integer) language sql immutable as $$
  select (w.assigned_at at time zone 'UTC')::date, sign, sign * (w.responded_at is not null)::integer,
         sign * coalesce(extract(epoch from w.responded_at - w.assigned_at) * 1000000, 0)::bigint, 0, 0::bigint, 0, 0, 0, 0, 0
   where not w.is_deleted
  union all
  select (w.ended_at at time zone 'UTC')::date, 0, 0, 0, sign, sign * (extract(epoch from w.ended_at - w.assigned_at) * 1000000)::bigint,
         sign * (w.reopened > 0)::integer, sign * (w.is_sla_met is not null)::integer, sign * coalesce(w.is_sla_met, false)::integer, 0, 0
   where w.outcome = 'COMPLETED' and not w.is_deleted
  union all
  select (w.rated_at at time zone 'UTC')::date, 0, 0, 0, 0, 0, 0, 0, 0, sign, sign * w.stars
   where w.rated_at is not null and not w.is_deleted
$$;
