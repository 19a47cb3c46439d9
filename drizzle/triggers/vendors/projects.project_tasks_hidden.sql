-- Keeps project_tasks.is_hidden.
create or replace trigger project_tasks_hidden after update of is_deleted on vendors.projects for each row
  when (old.is_deleted is distinct from new.is_deleted)
  execute function vendors.hide_project_tasks();
