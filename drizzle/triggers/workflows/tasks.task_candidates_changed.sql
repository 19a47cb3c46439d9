-- Keeps workflows.task_candidates when something changes that it copies.
create or replace trigger task_candidates_changed after update on workflows.tasks for each row
  when ((old.queue_key = 'many' or new.queue_key = 'many')
    and (old.status, old.assignee_id, old.priority, old.due_order, old.candidate_roles, old.candidate_user_ids, old.candidate_team_ids, old.candidate_vendor_ids, old.vote) is distinct from
        (new.status, new.assignee_id, new.priority, new.due_order, new.candidate_roles, new.candidate_user_ids, new.candidate_team_ids, new.candidate_vendor_ids, new.vote))
  execute function workflows.keep_task_candidates();
