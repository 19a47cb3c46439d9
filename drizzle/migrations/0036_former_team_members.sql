-- Up Migration
-- Whoever leaves a team becomes a former assignee of the running instances that the team has, or had since their state was entered. These are the latter.
create index instances_with_former_assignees on workflows.instances (tenant_id, id) where finished_at is null and done_by ? 'assignee';

-- Down Migration
drop index workflows.instances_with_former_assignees;
