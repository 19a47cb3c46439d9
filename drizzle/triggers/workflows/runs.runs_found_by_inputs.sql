-- Keeps workflows.run_words. Runs without inputs only pay for the condition.
create or replace trigger runs_found_by_inputs after insert on workflows.runs for each row
  when (new.inputs <> '{}') execute function workflows.index_run();
