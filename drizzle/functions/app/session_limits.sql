-- How long sessions of a tenant last: `security.sessionLifetimeHours` and `security.sessionIdleHours`, of which the lowest value of all levels counts, with
-- the defaults of the schema. Read in the statements that decide on open sessions, so that a shorter value applies to them without a cache in between.
create or replace function app.session_limits(of_tenant uuid, of_plan text) returns table (lifetime interval, idle interval)
language sql stable parallel safe as $$
  select make_interval(hours => coalesce(min((d.security->>'sessionLifetimeHours')::int), 2160)),
         make_interval(hours => coalesce(min((d.security->>'sessionIdleHours')::int), 336))
  from (
    (select s.document->'security' as security from app.shared_configurations s
      where s.level = 'PLATFORM' and s.key = '' order by s.version desc limit 1)
    union all
    (select s.document->'security' from app.shared_configurations s
      where s.level = 'PLAN' and s.key = of_plan order by s.version desc limit 1)
    union all
    (select c.document->'security' from app.configurations c
      where c.tenant_id = of_tenant and c.level = 'CONTRACT' and c.subject_id = of_tenant order by c.version desc limit 1)
    union all
    (select c.document->'security' from app.configurations c
      where c.tenant_id = of_tenant and c.level = 'TENANT' and c.subject_id = of_tenant order by c.version desc limit 1)
  ) d
$$;
