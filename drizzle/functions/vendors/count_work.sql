-- Adds what a statement changed in vendors.work to vendors.work_days. It only inserts: concurrent changes of one day do not wait for each other.
create or replace function vendors.count_work() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into vendors.work_days
    select n.tenant_id, n.vendor_id, f.day, app.uuid_v7(), sum(f.assigned), sum(f.responded), sum(f.response_us), sum(f.completed), sum(f.completion_us),
           sum(f.reopened), sum(f.measured), sum(f.met), sum(f.rated), sum(f.stars)
      from new_rows n cross join lateral vendors.facts_of(n, 1) f
     group by n.tenant_id, n.vendor_id, f.day;
  else
    insert into vendors.work_days
    select c.tenant_id, c.vendor_id, c.day, app.uuid_v7(), sum(c.assigned), sum(c.responded), sum(c.response_us), sum(c.completed), sum(c.completion_us),
           sum(c.reopened), sum(c.measured), sum(c.met), sum(c.rated), sum(c.stars)
      from (select n.tenant_id, n.vendor_id, f.* from new_rows n cross join lateral vendors.facts_of(n, 1) f
            union all
            select o.tenant_id, o.vendor_id, f.* from old_rows o cross join lateral vendors.facts_of(o, -1) f) c
     group by c.tenant_id, c.vendor_id, c.day
    having (sum(c.assigned), sum(c.responded), sum(c.response_us), sum(c.completed), sum(c.completion_us), sum(c.reopened), sum(c.measured), sum(c.met),
            sum(c.rated), sum(c.stars)) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  end if;
  return null;
end $$;
