-- requires: vendors.record_consequence
-- Ends the review of a milestone with its instance, in the same transaction, with an event and an audit entry. The milestone becomes REACHED if the
-- instance is COMPLETED in a state that is final as `completed`. It becomes PLANNED, with the comment as the reason, if the instance is COMPLETED in
-- another final state, or CANCELLED. Until then it is IN_REVIEW. Without the vendor's restrictions, because a vendor's users fire transitions but change
-- no milestones.
create or replace function vendors.follow_milestone_approval() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  was vendors.milestones;
  next vendors.milestones;
  is_reached boolean;
  why text;
begin
  perform set_config('app.vendor_id', '', true);
  select * into was from vendors.milestones m
   where m.tenant_id = new.tenant_id and m.id = (new.related ->> 'milestone')::uuid and m.instance_id = new.subject_id and m.status = 'IN_REVIEW'
     for no key update;
  if found then
    is_reached := workflows.result_of(new.subject_id) = 'COMPLETED';
    if not is_reached then
      select h.comment into why from workflows.history h
       where h.tenant_id = new.tenant_id and h.instance_id = new.subject_id and h.version = new.subject_version and h.comment is not null limit 1;
    end if;
    update vendors.milestones m
       set status = case when is_reached then 'REACHED' else 'PLANNED' end,
           reached_at = case when is_reached then app.weft_now() end,
           due_at = case when is_reached then null else m.due_at end,
           reason = case when is_reached then null else coalesce(why, '') end,
           version = m.version + 1, updated_at = now()
     where m.tenant_id = new.tenant_id and m.id = was.id
     returning * into next;
    call vendors.record_consequence(new, jsonb_build_object(
      'type', case when is_reached then 'milestone.reached' else 'milestone.refused' end,
      'action', case when is_reached then 'milestone.reach' else 'milestone.refuse' end,
      'subjectType', 'milestone', 'subjectId', was.id, 'version', next.version, 'related', jsonb_build_object('instance', new.subject_id),
      'payload', case when is_reached
        then jsonb_build_object('name', was.name, 'ownerId', was.owner_id, 'dueOn', was.due_on, 'projectId', was.project_id) else '{}' end,
      'before', jsonb_build_object('status', was.status, 'version', was.version),
      'after', jsonb_build_object('status', next.status, 'version', next.version)));
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
