-- Keeps workflows.task_candidates: a row for each candidate of a task that has several. Tasks with one candidate only pay for the condition.
create or replace trigger task_candidates_opened after insert on workflows.tasks for each row
  when (new.queue_key = 'many' and new.status in ('OPEN', 'CLAIMED'))
  execute function workflows.keep_task_candidates();
