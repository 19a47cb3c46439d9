-- requires: vendors.apply_scope_items, vendors.apply_scope_tasks, vendors.record_consequence, vendors.scope_hash, vendors.set_baseline, vendors.set_workflow_data
-- Writes everything that an approved change of a project's scope consists of: the items, the new version, the days and the budget of the project, the tasks, and a
-- baseline. Returns the number and the hash of the version. The caller has locked the project and its plan, and has found them unchanged.
-- application { content, items, tasks, baseline, project: { startsOn, endsOn, budgetAmount, currency, changed } or null, workflowData or null }
create or replace function vendors.apply_scope_change(cause events.log, change vendors.scope_changes) returns jsonb language plpgsql as $$
declare
  application constant jsonb := change.application;
  next_number constant integer := change.base_number + 1;
  -- The system is the actor of what a timer decides, and is not a user.
  approver constant uuid := nullif(cause.actor_id, '00000000-0000-0000-0000-000000000000');
  content_hash constant text := vendors.scope_hash(change.project_id, next_number, application -> 'content');
  was vendors.projects;
  next vendors.projects;
  instance workflows.instances;
  plan integer;
  baseline uuid;
begin
  call vendors.apply_scope_items(change, application -> 'items');
  insert into vendors.scope_versions (tenant_id, id, project_id, number, content, hash, change_id, approved_by, approved_at)
  values (change.tenant_id, app.uuid_v7(), change.project_id, next_number, application -> 'content', content_hash, change.id,
          approver, cause.occurred_at);
  if jsonb_typeof(application -> 'project') = 'object' then
    select * into was from vendors.projects p where p.tenant_id = change.tenant_id and p.id = change.project_id;
    update vendors.projects p
       set starts_on = g."startsOn", ends_on = g."endsOn", budget_amount = g."budgetAmount", currency = g.currency, version = p.version + 1, updated_at = now()
      from jsonb_to_record(application -> 'project') as g("startsOn" date, "endsOn" date, "budgetAmount" bigint, currency text)
     where p.tenant_id = change.tenant_id and p.id = change.project_id
    returning p.* into next;
    call vendors.record_consequence(cause, jsonb_build_object(
      'type', 'project.updated', 'action', 'project.update', 'subjectType', 'project', 'subjectId', change.project_id, 'version', next.version,
      'related', jsonb_build_object('instance', next.instance_id), 'payload', jsonb_build_object('changed', application #> '{project,changed}'),
      'before', jsonb_build_object('startsOn', was.starts_on, 'endsOn', was.ends_on, 'budgetAmount', was.budget_amount, 'currency', was.currency,
                                   'version', was.version),
      'after', jsonb_build_object('startsOn', next.starts_on, 'endsOn', next.ends_on, 'budgetAmount', next.budget_amount, 'currency', next.currency,
                                  'version', next.version)));
    if jsonb_typeof(application -> 'workflowData') = 'object' then
      select * into instance from workflows.instances i where i.tenant_id = change.tenant_id and i.id = next.instance_id for no key update;
      call vendors.set_workflow_data(cause, instance, application -> 'workflowData');
    end if;
  end if;
  plan := vendors.apply_scope_tasks(cause, change, application -> 'tasks');
  baseline := vendors.set_baseline(change.tenant_id, change.project_id, coalesce(approver, change.created_by),
    application -> 'baseline' || jsonb_build_object('planVersion', plan, 'scopeNumber', next_number));
  call vendors.record_consequence(cause, jsonb_build_object(
    'type', 'projectBaseline.created', 'action', 'projectBaseline.create', 'subjectType', 'projectBaseline', 'subjectId', baseline, 'version', 1,
    'after', (application -> 'baseline') - 'tasks' || jsonb_build_object('planVersion', plan, 'scopeNumber', next_number)));
  return jsonb_build_object('number', next_number, 'hash', content_hash);
end $$;
