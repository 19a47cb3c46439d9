-- Locks runs in the order instance, run, and reads what their next events are decided on: { now, isActive: whether the tenant is, instances: as engine.read_batch returns them, runs, steps }, rows with the names of
-- their columns. With waits, the ancestors of the instances are locked too, and locked rows are waited for. Otherwise only runs that nobody else has locked, and whose instances have
-- no ancestors, are returned. The transaction has a tenant.
create or replace function engine.lock_runs(ids uuid[], waits boolean) returns json language plpgsql
  -- Few ids are thought cheaper than the ten of a general plan, and would be planned for each time, which takes longer than to read them.
  set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_variable
declare
  tenant uuid := app.tenant();
  concerned uuid[];
  locked uuid[];
  found_runs json;
  found_steps json;
begin
  select array_agg(distinct r.instance_id) into concerned from workflows.runs r where r.tenant_id = tenant and r.id = any(ids);
  if waits then
    perform 1 from workflows.instances i
      where i.tenant_id = tenant and i.id in (
        select unnest(array_append(o.ancestors, o.id)) from workflows.instances o where o.tenant_id = tenant and o.id = any(concerned))
      order by cardinality(i.ancestors), i.id for update;
    perform 1 from workflows.runs r where r.tenant_id = tenant and r.id = any(ids) order by r.id for update;
    locked := concerned;
  else
    select array_agg(l.id) into locked from (
      select i.id from workflows.instances i
       where i.tenant_id = tenant and i.id = any(concerned) and i.ancestors = '{}' order by i.id for update skip locked) l;
    perform 1 from workflows.runs r where r.tenant_id = tenant and r.id = any(ids) and r.instance_id = any(locked) order by r.id for update;
  end if;
  -- Each statement sees what was committed before the locks were granted.
  -- cause_id: the event with which the instance entered the state of the run.
  select json_agg(to_json(f) order by f.id) into found_runs from (
    select r.id, r.instance_id, r.definition_id, r.state, r.instance_version, r.status, r.ending, r.inputs, r.outputs, r.has_begun, r.is_received, r.due_at,
           r.version, r.created_at, r.finished_at, r.left_at, r.is_watched, r.secret_inputs, r.profile, r.is_suspended, (
        select c from workflows.cause_of_run(r.instance_id, r.instance_version) c) as cause_id
      from workflows.runs r where r.tenant_id = tenant and r.id = any(ids) and r.instance_id = any(locked)) f;
  -- Only what decisions need: every transaction reads all steps of the runs that it works on.
  select json_agg(to_json(f)) into found_steps from (
    select s.run_id, s.step, s.status, s.attempt, s.failures, s.lost, s.outputs, s.error, s.not_before, s.is_fallback, s.is_parked, s.ended, s.item,
           s.compensation, s.compensation_attempt, coalesce(s.due_at, s.offered_at) as due_at, s.lease_token, s.attempt_started_at, s.usage
      from workflows.runs r join workflows.run_steps s on s.tenant_id = r.tenant_id and s.run_id = r.id
     where r.tenant_id = tenant and r.id = any(ids) and r.instance_id = any(locked)) f;
  return json_build_object(
    'now', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'isActive', (select t.status = 'ACTIVE' from identity.tenants t where t.tenant_id = tenant),
    'instances', engine.read_batch(tenant, coalesce(locked, '{}'), '{}', '{}', 2147483647)->'instances',
    'runs', coalesce(found_runs, '[]'), 'steps', coalesce(found_steps, '[]'));
end $$;
