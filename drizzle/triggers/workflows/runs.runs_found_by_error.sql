-- Keeps workflows.run_words. At the end of the statement that ends the run, so that the errors of its steps are written.
create or replace trigger runs_found_by_error after update of status on workflows.runs for each row
  when (new.status = 'FAILED' and old.status <> 'FAILED') execute function workflows.index_run();
