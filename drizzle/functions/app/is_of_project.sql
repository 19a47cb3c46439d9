-- Whether the instance drives a project, if the acting user sees it.
create or replace function app.is_of_project(instance uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from workflows.instances i where i.tenant_id = app.tenant() and i.id = instance and i.subject_type = 'project');
end $$;
