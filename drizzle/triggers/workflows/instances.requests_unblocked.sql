-- Requests end, or are closed, after those that block them. Other transitions only pay for the condition.
create or replace trigger requests_unblocked after update of status, closed_at on workflows.instances for each row
  when (new.subject_type = 'request' and old.closed_at is null
    and (new.closed_at is not null and new.status <> 'CANCELLED' or new.status = 'COMPLETED' and old.status <> 'COMPLETED'))
  execute function requests.refuse_while_blocked();
