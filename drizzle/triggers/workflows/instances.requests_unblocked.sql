-- Requests end after those that block them. Other transitions only pay for the condition.
create or replace trigger requests_unblocked after update of status on workflows.instances for each row
  when (new.subject_type = 'request' and new.status = 'COMPLETED' and old.status <> 'COMPLETED')
  execute function requests.refuse_while_blocked();
