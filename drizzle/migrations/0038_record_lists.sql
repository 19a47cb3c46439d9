-- Up Migration
-- Lists of requests and of audit entries that read all rows of a tenant to find a few.

-- Entries of rare actions and of rare types. The most frequent ones are found quickly by age, and every transition writes one: an index that had them
-- would slow down every transition.
create index entries_by_action on audit.entries (tenant_id, action, id) where action not in ('workflow.start', 'workflow.fire');
create index entries_by_type on audit.entries (tenant_id, entity_type, id) where entity_type <> 'instance';
-- Entries of a period. Rows are appended in the order of time, so a summary of 32 pages is enough, and costs a write nothing that can be measured.
create index entries_by_time on audit.entries using brin (at) with (pages_per_range = 32, autosummarize = on);

-- The list of requests by state continues by the age of the instance, as instances_by_state does. Columns are appended.
create or replace view workflows.instance_heads with (security_invoker = true) as
  select tenant_id, id, definition_id, definition_key, state, status, data, version,
         owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, updated_at, finished_at, parent_id, created_at
    from workflows.instances;

-- Down Migration
drop view workflows.instance_heads;
create view workflows.instance_heads with (security_invoker = true) as
  select tenant_id, id, definition_id, definition_key, state, status, data, version,
         owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, updated_at, finished_at, parent_id
    from workflows.instances;
drop index audit.entries_by_time, audit.entries_by_type, audit.entries_by_action;
