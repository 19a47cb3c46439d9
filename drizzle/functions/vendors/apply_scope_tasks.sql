-- requires: vendors.record_consequence
-- Writes the tasks of an approved change of a project's scope. Returns the version of the plan. The caller has locked the plan.
-- tasks { changed: [{ id, durationMinutes, estimateMinutes }], added: [{ id, parentId, position, name, durationMinutes, estimateMinutes, constraintKind,
-- dependencyId, predecessorId }] }
create or replace function vendors.apply_scope_tasks(cause events.log, change vendors.scope_changes, tasks jsonb) returns integer language plpgsql as $$
declare
  tenant constant uuid := change.tenant_id;
  project constant uuid := change.project_id;
  plan integer;
  task record;
begin
  if jsonb_array_length(tasks -> 'changed') + jsonb_array_length(tasks -> 'added') = 0 then
    return change.base_plan_version;
  end if;
  insert into vendors.project_plans (tenant_id, project_id) values (tenant, project)
  on conflict on constraint project_plans_pkey do update set version = project_plans.version + 1, updated_at = now()
  returning version into plan;
  for task in
    with given as (
      select g.id, g."durationMinutes" as duration, g."estimateMinutes" as estimate
        from jsonb_to_recordset(tasks -> 'changed') as g(id uuid, "durationMinutes" integer, "estimateMinutes" integer)
    ), was as (
      select t.id, t.duration_minutes, t.estimate_minutes from vendors.project_tasks t join given g on t.id = g.id where t.tenant_id = tenant
    )
    update vendors.project_tasks t
       set duration_minutes = g.duration, estimate_minutes = g.estimate, version = t.version + 1, updated_at = app.weft_now()
      from given g join was w on w.id = g.id
     where t.tenant_id = tenant and t.project_id = project and t.id = g.id
    returning t.id, t.version, t.duration_minutes, t.estimate_minutes, w.duration_minutes as was_duration, w.estimate_minutes as was_estimate
  loop
    call vendors.record_consequence(cause, jsonb_build_object(
      'type', 'projectTask.updated', 'action', 'projectTask.update', 'subjectType', 'projectTask', 'subjectId', task.id, 'version', task.version,
      'related', jsonb_build_object('project', project), 'payload', '{"changed": ["durationMinutes", "estimateMinutes"]}'::jsonb,
      'before', jsonb_build_object('durationMinutes', task.was_duration, 'estimateMinutes', task.was_estimate, 'version', task.version - 1),
      'after', jsonb_build_object('durationMinutes', task.duration_minutes, 'estimateMinutes', task.estimate_minutes, 'version', task.version)));
  end loop;
  for task in
    select * from jsonb_to_recordset(tasks -> 'added') as g(
      id uuid, "parentId" uuid, position integer, name text, "durationMinutes" integer, "estimateMinutes" integer, "constraintKind" text,
      "dependencyId" uuid, "predecessorId" uuid)
  loop
    insert into vendors.project_tasks (
      tenant_id, id, project_id, parent_id, position, name, duration_minutes, estimate_minutes, constraint_kind, created_by, created_at, updated_at)
    values (
      tenant, task.id, project, task."parentId", task.position, task.name, task."durationMinutes", task."estimateMinutes", task."constraintKind",
      change.created_by, app.weft_now(), app.weft_now());
    call vendors.record_consequence(cause, jsonb_build_object(
      'type', 'projectTask.created', 'action', 'projectTask.create', 'subjectType', 'projectTask', 'subjectId', task.id, 'version', 1,
      'related', jsonb_build_object('project', project), 'after', to_jsonb(task) || '{"version": 1}'));
    if task."dependencyId" is not null then
      insert into vendors.project_task_dependencies (tenant_id, id, project_id, predecessor_id, successor_id, kind, created_at, updated_at)
      values (tenant, task."dependencyId", project, task."predecessorId", task.id, 'FINISH_TO_START', app.weft_now(), app.weft_now());
      call vendors.record_consequence(cause, jsonb_build_object(
        'type', 'taskDependency.created', 'action', 'taskDependency.create', 'subjectType', 'taskDependency', 'subjectId', task."dependencyId",
        'version', 1, 'related', jsonb_build_object('project', project, 'projectTask', task.id),
        'after', jsonb_build_object('predecessorId', task."predecessorId", 'successorId', task.id, 'kind', 'FINISH_TO_START', 'version', 1)));
    end if;
  end loop;
  return plan;
end $$;
