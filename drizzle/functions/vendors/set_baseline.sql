-- Writes a baseline of a project, and makes it the current one. The caller has locked the project. Returns its ID.
-- snapshot { name, planVersion, scopeNumber, startAt, finishAt, workMinutes, budgetAmount, currency, tasks: [{ taskId, name, startAt, finishAt, workMinutes }] }
create or replace function vendors.set_baseline(tenant uuid, project uuid, creator uuid, snapshot jsonb) returns uuid language plpgsql as $$
declare
  baseline uuid := app.uuid_v7();
begin
  update vendors.project_baselines b set is_current = false, version = b.version + 1
   where b.tenant_id = tenant and b.project_id = project and b.is_current;
  insert into vendors.project_baselines (
    tenant_id, id, project_id, number, name, plan_version, scope_number, start_at, finish_at, work_minutes, budget_amount, currency, created_by, created_at)
  select tenant, baseline, project, coalesce((select max(b.number) from vendors.project_baselines b where b.tenant_id = tenant and b.project_id = project), 0) + 1,
         s.name, s."planVersion", s."scopeNumber", s."startAt", s."finishAt", s."workMinutes", s."budgetAmount", s.currency, creator, app.weft_now()
    from jsonb_to_record(snapshot) as s(
      name text, "planVersion" integer, "scopeNumber" integer, "startAt" timestamptz, "finishAt" timestamptz, "workMinutes" bigint, "budgetAmount" bigint,
      currency text);
  insert into vendors.project_baseline_tasks (tenant_id, baseline_id, task_id, place, name, start_at, finish_at, work_minutes)
  select tenant, baseline, (t.value ->> 'taskId')::uuid, t.place, t.value ->> 'name', (t.value ->> 'startAt')::timestamptz,
         (t.value ->> 'finishAt')::timestamptz, (t.value ->> 'workMinutes')::bigint
    from jsonb_array_elements(snapshot -> 'tasks') with ordinality as t(value, place);
  return baseline;
end $$;
