-- The next number of a counter of the transaction's tenant. A counter deals its numbers to 32 lanes: lane 5 has 5, 37, 69 and so on. A transaction takes the
-- smallest number among the lanes that no other open transaction uses, so it does not wait, and a rollback returns the number. See decision 33.
-- Consecutive: waits for all open transactions that have taken a number.
create or replace function app.next_number(counter text, is_consecutive boolean) returns bigint language plpgsql as $$
declare
  lanes constant integer := 32;
  place constant bigint := hashtextextended('weft.number.' || app.tenant() || ' ' || counter, 0);
  mine integer;
  candidate record;
  taken bigint;
begin
  if is_consecutive then
    perform pg_advisory_xact_lock(place);
  end if;
  loop
    mine := null;
    for candidate in
      select l.lane, coalesce(c.value + lanes, l.lane) as following
        from generate_series(1, lanes) l(lane)
        left join app.counters c on c.tenant_id = app.tenant() and c.name = counter and c.lane = l.lane
       order by following
    loop
      if is_consecutive then
        perform pg_advisory_xact_lock(place # candidate.lane::bigint);
        mine := candidate.lane;
      elsif pg_try_advisory_xact_lock(place # candidate.lane::bigint) then
        mine := candidate.lane;
      end if;
      exit when mine is not null;
    end loop;
    -- All lanes are in use: waits for one of them.
    if mine is null then
      mine := 1 + pg_backend_pid() % lanes;
      perform pg_advisory_xact_lock(place # mine::bigint);
      exit;
    end if;
    -- A transaction that used the lane can have committed after the lanes were read. Then another one has a smaller number now.
    exit when candidate.following = coalesce(
      (select c.value + lanes from app.counters c where c.tenant_id = app.tenant() and c.name = counter and c.lane = mine), mine);
  end loop;
  insert into app.counters as c (tenant_id, name, lane, value) values (app.tenant(), counter, mine, mine)
    on conflict on constraint counters_pkey do update set value = c.value + lanes
    returning c.value into taken;
  return taken;
end $$;
