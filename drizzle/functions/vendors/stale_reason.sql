-- Returns why a change of a project's scope can no longer be applied as it was computed. Null if it can. Locks the project and its plan.
create or replace function vendors.stale_reason(change vendors.scope_changes) returns text language plpgsql as $$
declare
  project record;
  plan integer;
  scope integer;
begin
  select p.version, i.status into project
    from vendors.projects p join workflows.instances i on i.tenant_id = p.tenant_id and i.id = p.instance_id
   where p.tenant_id = change.tenant_id and p.id = change.project_id
     for no key update of p;
  if not found then
    return 'The project was deleted.';
  end if;
  select p.version into plan from vendors.project_plans p where p.tenant_id = change.tenant_id and p.project_id = change.project_id for no key update;
  select max(v.number) into scope from vendors.scope_versions v where v.tenant_id = change.tenant_id and v.project_id = change.project_id;
  return nullif(concat_ws(' ',
    case when scope is distinct from change.base_number then format('The scope now has version %s, not %s.', scope, change.base_number) end,
    case when project.version <> change.base_project_version then 'The project was changed after the proposal.' end,
    case when coalesce(plan, 0) <> change.base_plan_version then 'The plan was changed after the proposal.' end,
    case when jsonb_typeof(change.application -> 'workflowData') = 'object' and project.status <> 'RUNNING'
         then 'The workflow of the project no longer runs, so its budget cannot change.' end,
    -- A cost does not change the version of the project.
    case when exists (select from vendors.project_costs c
                       where c.tenant_id = change.tenant_id and c.project_id = change.project_id and c.currency <> change.application #>> '{project,currency}')
         then 'The costs of the project are in another currency than the new budget.' end), '');
end $$;
