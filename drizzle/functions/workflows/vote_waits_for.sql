-- Whether the user can still give the vote that the task asks for with this task. Not if an earlier one of several equal tasks is open as well, if the user has
-- claimed another one, or has voted since the state was entered. A substitute and the user who is represented both count as having voted.
create or replace function workflows.vote_waits_for(task uuid, voter uuid) returns boolean language sql stable parallel safe as $$
  select not exists (
    select from workflows.tasks t
      join workflows.tasks o on o.tenant_id = t.tenant_id and o.instance_id = t.instance_id and o.state = t.state and o.id <> t.id and o.vote is not null
     where t.tenant_id = app.tenant() and t.id = task and (
       o.status = 'OPEN' and o.rule = t.rule and (o.copy, o.id) < (t.copy, t.id)
         and (o.candidate_roles, o.candidate_user_ids, o.candidate_team_ids, o.candidate_vendor_ids)
           = (t.candidate_roles, t.candidate_user_ids, t.candidate_team_ids, t.candidate_vendor_ids)
       or o.status = 'CLAIMED' and o.assignee_id = voter
       or o.status = 'COMPLETED' and t.vote = 'ONCE' and voter = any(array[o.completed_by, o.on_behalf_of, o.assignee_id] || o.delegated_from)
         and o.opened_at_version >= (
           select h.version from workflows.history h
            where h.tenant_id = t.tenant_id and h.instance_id = t.instance_id
              and (h.kind in ('START', 'TRANSITION', 'ROLLBACK') or h.from_state <> h.to_state)
            order by h.version desc limit 1)))
$$;
