-- Refuses to end a request before the requests that block it and its children, whatever ends it: a transition, a task, a timer, or a batch. Cancelling sets another status.
-- Nothing is locked: a blocker that another transaction reopens, or a link that it adds, now counts as reopened or added after the end.
create or replace function requests.refuse_while_blocked() returns trigger language plpgsql as $$
declare
  waits_for bigint := requests.open_blockers(new.subject_id);
begin
  if waits_for > 0 then
    raise exception 'request % is blocked by % others', new.subject_id, waits_for
      using errcode = 'check_violation', constraint = 'requests_unblocked', detail = waits_for::text;
  end if;
  return null;
end $$;
