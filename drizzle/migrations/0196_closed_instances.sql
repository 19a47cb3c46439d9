-- Up Migration
-- When an instance entered a state in which its work counts as ended, although it can be reopened. Null for all others: their end is `finished_at`.
alter table workflows.instances add column closed_at timestamptz;

-- Columns are appended. `closed_at`: when the work ended, whether it can be reopened or not.
create or replace view workflows.instance_heads with (security_invoker = true) as
  select tenant_id, id, definition_id, definition_key, state, status, data, version,
         owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, updated_at, finished_at, parent_id, created_at,
         subject_type, subject_id, coalesce(closed_at, finished_at) as closed_at
    from workflows.instances;

-- Down Migration
drop view workflows.instance_heads;
create view workflows.instance_heads with (security_invoker = true) as
  select tenant_id, id, definition_id, definition_key, state, status, data, version,
         owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, updated_at, finished_at, parent_id, created_at,
         subject_type, subject_id
    from workflows.instances;
alter table workflows.instances drop column closed_at;
