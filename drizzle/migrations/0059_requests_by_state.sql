-- Up Migration
-- Lists and counts of requests by what changes with their workflow are read from the workflow's row alone: docs/explanation/decisions/0023.

-- Columns are appended: what an instance belongs to never changes.
create or replace view workflows.instance_heads with (security_invoker = true) as
  select tenant_id, id, definition_id, definition_key, state, status, data, version,
         owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, updated_at, finished_at, parent_id, created_at,
         subject_type, subject_id
    from workflows.instances;

-- `subject_id` is the ID of the request, so a page is in the order of requests. `id` is read by the policies: with it, counts read the index alone.
create index instances_requests_by_state on workflows.instances (tenant_id, state, created_at, subject_id) include (id) where subject_type = 'request';
create index instances_requests_by_change on workflows.instances (tenant_id, updated_at, subject_id) include (id) where subject_type = 'request';

-- Down Migration
drop index workflows.instances_requests_by_change, workflows.instances_requests_by_state;
drop view workflows.instance_heads;
create view workflows.instance_heads with (security_invoker = true) as
  select tenant_id, id, definition_id, definition_key, state, status, data, version,
         owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, updated_at, finished_at, parent_id, created_at
    from workflows.instances;
