-- Reads the SLA clocks and the chains of escalations of those of the instances that run on these definitions: [{ id, clocks, runs, clockGuard, runGuard }].
-- A guard names the versions of the rows that can still change: engine.apply_batch compares it. Ended chains are omitted, except those of clocks.
create or replace function engine.read_clocks(tenant uuid, ids uuid[], definitions uuid[]) returns json language plpgsql as $$
#variable_conflict use_variable
begin
  perform engine.set_tenant(tenant);
  perform set_config('plan_cache_mode', 'force_generic_plan', true);
  return (
    select coalesce(json_agg(json_build_object('id', i.id, 'clocks', coalesce(c.clocks, '[]'), 'runs', coalesce(r.runs, '[]'),
                                               'clockGuard', c.guard, 'runGuard', r.guard)), '[]')
      from workflows.instances i
      cross join lateral (
        select json_agg(to_json(k) order by k.started_at, k.id) as clocks,
               string_agg(k.id::text || ' ' || k.xmin::text, ', ' order by k.id) filter (where k.ended_at is null) as guard
          from workflows.sla_clocks k where k.tenant_id = tenant and k.instance_id = i.id) c
      cross join lateral (
        select json_agg(to_json(e) order by e.started_at, e.id) filter (where e.ended_at is null or e.clock_id is not null) as runs,
               string_agg(e.id::text || ' ' || e.xmin::text, ', ' order by e.id) filter (where e.ended_at is null) as guard
          from workflows.escalation_runs e where e.tenant_id = tenant and e.instance_id = i.id) r
     where i.tenant_id = tenant and i.id = any(ids) and i.definition_id = any(definitions));
end $$;
