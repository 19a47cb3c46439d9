-- Hides the tasks of a deleted project with it, and shows them again. Users of a vendor see tasks without their project, so its policy is not enough.
create or replace function vendors.hide_project_tasks() returns trigger language plpgsql as $$
begin
  update vendors.project_tasks set is_hidden = new.is_deleted where tenant_id = new.tenant_id and project_id = new.id;
  return null;
end $$;
