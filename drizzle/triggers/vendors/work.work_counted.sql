create or replace trigger work_counted after insert on vendors.work referencing new table as new_rows for each statement
  execute function vendors.count_work();
