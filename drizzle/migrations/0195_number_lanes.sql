-- Up Migration
-- Numbers without waiting: a counter deals its numbers to 32 lanes, each with a row. A transaction uses a lane that no other transaction is using.
alter table app.counters
  -- Deals every 32nd number, starting with its own number. Without a row, it has dealt none.
  add column lane smallint,
  drop constraint counters_pkey;
alter table app.counters no force row level security;
-- The last number of each lane up to the last one of the counter. Not positive if the lane has dealt none.
insert into app.counters (tenant_id, name, lane, value)
select c.tenant_id, c.name, l.lane, n.last
  from app.counters c, generate_series(1, 32) l(lane), lateral (select c.value - ((c.value - l.lane) % 32 + 32) % 32 as last) n
 where n.last > 0;
delete from app.counters where lane is null;
alter table app.counters force row level security;
alter table app.counters
  alter column lane set not null,
  add constraint counters_lane_check check (lane between 1 and 32),
  add constraint counters_pkey primary key (tenant_id, name, lane);

-- Down Migration
alter table app.counters no force row level security;
delete from app.counters c using app.counters o where o.tenant_id = c.tenant_id and o.name = c.name and o.value > c.value;
alter table app.counters force row level security;
alter table app.counters
  drop constraint counters_pkey,
  drop constraint counters_lane_check,
  drop column lane,
  add constraint counters_pkey primary key (tenant_id, name);
