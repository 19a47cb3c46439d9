-- Up Migration
-- What happened to requests, in one list: steps of the workflow, comments, files, SLA clocks and escalations. The rows are those that the policies of their tables show.
-- `is_of_workflow`: only for users who can see the workflow. `is_internal`: only for users who work on the request. `place` orders the entries, and `step` those of the same place. Clocks
-- count whole seconds, so their entries follow the others of their second. An internal comment follows the change of its version.
create view requests.timeline with (security_invoker = true) as
  select r.tenant_id, r.id as request_id, h.id, h.at, h.at as place, 2 * h.version as step,
         case h.kind when 'ASSIGNMENT' then 'ASSIGNMENT' when 'DATA' then 'CHANGE' when 'COMMENT' then 'COMMENT' else 'TRANSITION' end as kind,
         h.kind as event, true as is_of_workflow, false as is_internal,
         h.actor_id, h.on_behalf_of, h.is_automatic, h.comment as text, h.transition, h.from_state, h.to_state,
         case when h.kind = 'ASSIGNMENT' then h.changes->'assignee' end as assignee, null::text as title
    from requests.requests r join workflows.history h on h.tenant_id = r.tenant_id and h.instance_id = r.instance_id
  union all
  select r.tenant_id, r.id, n.id, n.created_at, n.created_at, 2 * n.version + 1, 'COMMENT', 'COMMENT', true, true,
         n.author_id, n.on_behalf_of, false, n.text, null, null, null, null, null
    from requests.requests r join workflows.internal_comments n on n.tenant_id = r.tenant_id and n.instance_id = r.instance_id
  union all
  select r.tenant_id, r.id, c.id, c.created_at, c.created_at, 0, 'COMMENT', 'REQUEST_COMMENT', false, c.audience = 'INTERNAL',
         c.author_id, c.on_behalf_of, false, c.text, null, null, null, null, null
    from requests.requests r join requests.comments c on c.tenant_id = r.tenant_id and c.request_id = r.id
   where c.deleted_at is null
  union all
  select r.tenant_id, r.id, a.id, a.created_at, a.created_at, 0, 'FILE', 'ATTACHMENT', false, a.visibility = 'INTERNAL',
         a.created_by, null, false, null, null, null, null, null, null
    from requests.requests r join app.attachments a on a.tenant_id = r.tenant_id and a.object_id = r.id
   where a.object_type = 'request'
  union all
  select r.tenant_id, r.id, md5(i.clock_id::text || i.position)::uuid, i.from_at, i.from_at + interval '0.999999 seconds', 1000000 + i.position, 'SLA',
         case when i.cause in ('START', 'RESET') and i.phase in ('RUN', 'PAUSE') then 'SLA_START' when i.phase <> 'RUN' then 'SLA_' || i.phase
              when i.cause in ('RESUME', 'RESUME_BY_HAND', 'ROLLBACK') then 'SLA_RESUME' else 'SLA_CHANGE' end,
         true, false, i.actor_id, null, i.actor_id is null, null, null, null, null, null, k.title
    from requests.requests r
    join workflows.sla_clocks k on k.tenant_id = r.tenant_id and k.instance_id = r.instance_id
    join workflows.sla_intervals i on i.tenant_id = k.tenant_id and i.clock_id = k.id
  union all
  select r.tenant_id, r.id, k.id, k.breached_at, k.breached_at + interval '0.999999 seconds', 2000000, 'SLA', 'SLA_BREACH', true, false, null, null, true, null, null, null, null, null, k.title
    from requests.requests r join workflows.sla_clocks k on k.tenant_id = r.tenant_id and k.instance_id = r.instance_id
   where k.breached_at is not null
  union all
  select r.tenant_id, r.id, e.id, e.occurred_at, e.occurred_at, 3000000, 'ESCALATION', 'ESCALATION', true, false,
         null, null, true, null, null, null, null, null, e.title
    from requests.requests r join workflows.escalations e on e.tenant_id = r.tenant_id and e.instance_id = r.instance_id;

-- Down Migration
drop view requests.timeline;
