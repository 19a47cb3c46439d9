-- Ends the review of a milestone with its instance, in the same transaction, with an event and an audit entry. The milestone becomes REACHED if the
-- instance is COMPLETED in a state that is final as `completed`. It becomes PLANNED, with the comment as the reason, if the instance is COMPLETED in
-- another final state, or CANCELLED. Until then it is IN_REVIEW. Without the vendor's restrictions, because a vendor's users fire transitions but change
-- no milestones.
create or replace function vendors.follow_milestone_approval() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  was record;
  next record;
  is_reached boolean;
  why text;
  event uuid := app.uuid_v7();
  entry uuid := app.uuid_v7();
begin
  perform set_config('app.vendor_id', '', true);
  select m.id, m.status, m.version into was
    from vendors.milestones m
   where m.tenant_id = new.tenant_id and m.id = (new.related ->> 'milestone')::uuid and m.instance_id = new.subject_id and m.status = 'IN_REVIEW'
     for no key update;
  if found then
    select i.status = 'COMPLETED' and d.document #>> array['states', i.state, 'final'] = 'completed' into is_reached
      from workflows.instances i join workflows.definitions d on d.tenant_id = i.tenant_id and d.id = i.definition_id
     where i.tenant_id = new.tenant_id and i.id = new.subject_id;
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
     returning m.status, m.version into next;
    insert into events.log (
      tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
      request_id, trace_id, occurred_at)
    values (
      new.tenant_id, event, case when is_reached then 'milestone.reached' else 'milestone.refused' end, 1, 'milestone', was.id, next.version,
      jsonb_build_object('instance', new.subject_id), '{}', new.actor_id, new.on_behalf_of, new.id, new.request_id,
      new.trace_id, new.occurred_at);
    insert into events.outbox (tenant_id, event_id) values (new.tenant_id, event);
    insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, request_id)
    values (
      new.tenant_id, entry, case when is_reached then 'milestone.reach' else 'milestone.refuse' end, 'milestone', was.id,
      jsonb_build_object('status', was.status, 'version', was.version), jsonb_build_object('status', next.status, 'version', next.version),
      new.actor_id, new.on_behalf_of, new.request_id);
    insert into audit.unsealed (tenant_id, entry_id) values (new.tenant_id, entry);
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
