-- Up Migration
-- `notSameAs: assignee` excludes whoever was the assignee when, or at any time since, the state was entered. Moves keep those who no longer are under `assignee` of
-- done_by; for instances that are running already the history has them.
alter table workflows.instances no force row level security;
alter table workflows.history no force row level security;
with entered as (
  select h.tenant_id, h.instance_id, max(h.version) as version
    from workflows.history h
    join workflows.instances i on i.tenant_id = h.tenant_id and i.id = h.instance_id and i.finished_at is null
   where h.kind in ('START', 'TRANSITION', 'ROLLBACK') and h.from_state is distinct from h.to_state
   group by h.tenant_id, h.instance_id
), former as (
  select e.tenant_id, e.instance_id, jsonb_agg(distinct h.changes->'assignee'->>'id') as ids
    from entered e
    join workflows.history h on h.tenant_id = e.tenant_id and h.instance_id = e.instance_id and h.kind = 'ASSIGNMENT'
    join workflows.instances i on i.tenant_id = e.tenant_id and i.id = e.instance_id
   where h.changes->'assignee'->>'id' is not null
     and h.changes->'assignee'->>'id' is distinct from coalesce(i.assignee_user_id, i.assignee_team_id, i.assignee_vendor_id)::text
     and h.version >= coalesce((select max(b.version) from workflows.history b
       where b.tenant_id = e.tenant_id and b.instance_id = e.instance_id and b.kind = 'ASSIGNMENT' and b.version < e.version), 0)
   group by e.tenant_id, e.instance_id
)
update workflows.instances i set done_by = i.done_by || jsonb_build_object('assignee', f.ids)
  from former f where i.tenant_id = f.tenant_id and i.id = f.instance_id;
alter table workflows.history force row level security;
alter table workflows.instances force row level security;

-- Down Migration
alter table workflows.instances no force row level security;
update workflows.instances set done_by = done_by - 'assignee' where done_by ? 'assignee';
alter table workflows.instances force row level security;
