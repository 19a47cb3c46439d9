create or replace trigger work_recounted after update on vendors.work referencing old table as old_rows new table as new_rows for each statement
  execute function vendors.count_work();
