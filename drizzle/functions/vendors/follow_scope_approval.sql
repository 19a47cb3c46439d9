-- requires: vendors.apply_scope_change, vendors.record_consequence, vendors.stale_reason
-- Ends a change of a project's scope with the instance that approves it, in the same transaction, with an event and an audit entry. An approved change is applied,
-- with everything that belongs to it, or becomes STALE with the reason: of two changes of one version, the second one does. A rejected change is REJECTED, a
-- canceled one WITHDRAWN, with the comment as the reason. Without the vendor's restrictions, because a vendor's users fire transitions but change no scopes.
create or replace function vendors.follow_scope_approval() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  result text;
  change vendors.scope_changes;
  next_status text;
  why text;
  facts jsonb := '{}';
begin
  perform set_config('app.vendor_id', '', true);
  select * into change from vendors.scope_changes c
   where c.tenant_id = new.tenant_id and c.id = (new.related ->> 'scopeChange')::uuid and c.instance_id = new.subject_id and c.status = 'IN_APPROVAL'
     for no key update;
  if found then
    result := workflows.result_of(new.subject_id);
    if result = 'COMPLETED' then
      why := vendors.stale_reason(change);
      next_status := case when why is null then 'APPLIED' else 'STALE' end;
      if why is null then
        facts := vendors.apply_scope_change(new, change);
      end if;
    else
      next_status := case when result = 'REJECTED' then 'REJECTED' else 'WITHDRAWN' end;
      select h.comment into why from workflows.history h
       where h.tenant_id = new.tenant_id and h.instance_id = new.subject_id and h.version = new.subject_version and h.comment is not null limit 1;
    end if;
    update vendors.scope_changes c
       set status = next_status, outcome_reason = why, applied_number = (facts ->> 'number')::integer, application = null,
           version = c.version + 1, updated_at = now()
     where c.tenant_id = new.tenant_id and c.id = change.id;
    call vendors.record_consequence(new, jsonb_build_object(
      'type', case next_status when 'STALE' then 'scopeChange.became_stale' else 'scopeChange.' || lower(next_status) end,
      'action', case next_status when 'APPLIED' then 'scopeChange.apply' when 'REJECTED' then 'scopeChange.reject'
                                 when 'WITHDRAWN' then 'scopeChange.withdraw' else 'scopeChange.become_stale' end,
      'subjectType', 'scopeChange', 'subjectId', change.id, 'version', change.version + 1, 'payload', facts,
      'before', jsonb_build_object('status', change.status, 'version', change.version),
      -- The comment of the user who decided is personal. It stays in the history and in the change.
      'after', jsonb_build_object('status', next_status, 'version', change.version + 1)
               || case next_status when 'STALE' then jsonb_build_object('outcomeReason', why) else '{}' end || facts));
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
