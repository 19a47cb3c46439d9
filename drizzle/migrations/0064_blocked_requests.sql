-- Up Migration
-- Refuses to end a request before the requests that block it and its children, whatever ends it: a transition, a task, a timer, or a batch. Cancelling sets another status.
-- Nothing is locked: requests that have ended never become open again, and a link that another transaction adds now counts as added after the end.
-- Without the vendor's restrictions, because a vendor's users do not see the requests that block theirs.
create function requests.refuse_while_blocked() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  waits_for bigint;
begin
  perform set_config('app.vendor_id', '', true);
  select count(*) into waits_for
    from (select l.from_id as id from requests.links l where l.tenant_id = new.tenant_id and l.kind = 'BLOCKS' and l.to_id = new.subject_id
          union
          select l.to_id from requests.links l where l.tenant_id = new.tenant_id and l.kind = 'PARENT_OF' and l.from_id = new.subject_id) as other
    join requests.requests r on r.tenant_id = new.tenant_id and r.id = other.id
    join workflows.instances i on i.tenant_id = new.tenant_id and i.id = r.instance_id
   where i.finished_at is null;
  perform set_config('app.vendor_id', acting_vendor, true);
  if waits_for > 0 then
    raise exception 'request % is blocked by % others', new.subject_id, waits_for
      using errcode = 'check_violation', constraint = 'requests_unblocked', detail = waits_for::text;
  end if;
  return null;
end $$;

-- Requests end after those that block them. Other transitions only pay for the condition.
create trigger requests_unblocked after update of status on workflows.instances for each row
  when (new.subject_type = 'request' and new.status = 'COMPLETED' and old.status <> 'COMPLETED')
  execute function requests.refuse_while_blocked();

-- Down Migration
drop trigger requests_unblocked on workflows.instances;
drop function requests.refuse_while_blocked();
