-- Up Migration
-- Deleted requests, which can be restored. `is_deleted` hides their rows by a policy, so that no statement has to leave them out. The policies of tables that
-- lists and counts read need the column in the indexes: otherwise, a count would read each row.
alter table requests.requests
  add column is_deleted boolean not null default false,
  add column deleted_at timestamptz,
  add column deleted_by uuid,
  add constraint requests_deleted_check check (num_nonnulls(deleted_at, deleted_by) = case when is_deleted then 2 else 0 end);
-- Those of a deleted request: its instance and the instances below it, their tasks, and the notifications about any of them.
alter table workflows.instances add column is_deleted boolean not null default false;
alter table workflows.tasks add column is_deleted boolean not null default false;
alter table audit.notifications add column is_deleted boolean not null default false;

drop index workflows.instances_by_age, workflows.instances_by_definition, workflows.instances_by_state, workflows.instances_by_owner,
  workflows.instances_by_team, workflows.instances_by_assignee_user, workflows.instances_by_assignee_team, workflows.instances_by_assignee_vendor,
  workflows.instances_by_change, workflows.instances_requests_by_state, workflows.instances_requests_by_change;
create index instances_by_age on workflows.instances (tenant_id, created_at, id) include (is_deleted);
create index instances_by_definition on workflows.instances (tenant_id, definition_key, created_at, id) include (is_deleted);
create index instances_by_state on workflows.instances (tenant_id, state, created_at, id) include (is_deleted);
create index instances_by_owner on workflows.instances (tenant_id, owner_id, created_at, id) include (is_deleted);
create index instances_by_team on workflows.instances (tenant_id, team_id, created_at, id) include (is_deleted) where team_id is not null;
create index instances_by_assignee_user on workflows.instances (tenant_id, assignee_user_id, created_at, id) include (is_deleted) where assignee_user_id is not null;
create index instances_by_assignee_team on workflows.instances (tenant_id, assignee_team_id, created_at, id) include (is_deleted) where assignee_team_id is not null;
create index instances_by_assignee_vendor on workflows.instances (tenant_id, assignee_vendor_id, created_at, id) include (is_deleted) where assignee_vendor_id is not null;
create index instances_by_change on workflows.instances (tenant_id, updated_at, id) include (is_deleted);
create index instances_requests_by_state on workflows.instances (tenant_id, state, created_at, subject_id) include (id, is_deleted) where subject_type = 'request';
create index instances_requests_by_change on workflows.instances (tenant_id, updated_at, subject_id) include (id, is_deleted) where subject_type = 'request';

drop index workflows.tasks_open, workflows.tasks_waiting_by_due, workflows.tasks_waiting_by_queue, workflows.tasks_waiting_by_queue_due;
create index tasks_open on workflows.tasks (tenant_id, created_at, id) include (instance_id, status, assignee_id, vote, is_deleted) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_due on workflows.tasks (tenant_id, due_order, id) include (instance_id, is_deleted) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue on workflows.tasks (tenant_id, queue_key, created_at, id) include (instance_id, status, assignee_id, vote, is_deleted) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue_due on workflows.tasks (tenant_id, queue_key, due_order, id) include (instance_id, is_deleted) where status in ('OPEN', 'CLAIMED');

drop index requests.requests_by_age, requests.requests_by_type, requests.requests_by_creator, requests.requests_by_building,
  requests.requests_by_asset, requests.requests_by_space, requests.requests_by_priority, requests.requests_by_impact, requests.requests_by_urgency,
  requests.requests_by_due;
create index requests_by_age on requests.requests (tenant_id, created_at, id) include (is_deleted);
create index requests_by_type on requests.requests (tenant_id, type_id, created_at, id) include (is_deleted);
create index requests_by_creator on requests.requests (tenant_id, created_by, created_at, id) include (is_deleted);
create index requests_by_building on requests.requests (tenant_id, building_id, created_at, id) include (is_deleted) where building_id is not null;
create index requests_by_asset on requests.requests (tenant_id, asset_id, created_at, id) include (is_deleted) where asset_id is not null;
create index requests_by_space on requests.requests (tenant_id, space_id, created_at, id) include (is_deleted) where space_id is not null;
create index requests_by_priority on requests.requests (tenant_id, priority, created_at, id) include (is_deleted);
create index requests_by_impact on requests.requests (tenant_id, impact, created_at, id) include (is_deleted) where impact is not null;
create index requests_by_urgency on requests.requests (tenant_id, urgency, created_at, id) include (is_deleted) where urgency is not null;
create index requests_by_due on requests.requests (tenant_id, due_order, id) include (is_deleted);

drop index audit.notifications_by_user, audit.notifications_unread;
create index notifications_by_user on audit.notifications (tenant_id, user_id, created_at, id) include (is_deleted);
create index notifications_unread on audit.notifications (tenant_id, user_id, created_at, id) include (is_deleted) where read_at is null;

create index requests_by_deletion on requests.requests (tenant_id, deleted_at, id) where is_deleted;
create index notifications_by_subject on audit.notifications (tenant_id, subject_id);

-- Whether the transaction sees what was deleted and can be restored. Only deletions, restorations, lists of deleted objects, statistics, and purges set it.
create function app.shows_deleted() returns boolean language sql stable parallel safe
  return (current_setting('app.shows_deleted', true) > '') is true;

-- Deleted requests are hidden, in every statement, from all users.
create policy shown on requests.requests as restrictive for all using (not is_deleted or app.shows_deleted());
-- The workflows of deleted requests are hidden.
create policy shown on workflows.instances as restrictive for all using (not is_deleted or app.shows_deleted());
-- The tasks of deleted requests are hidden. Lists of all tasks do not read the instances.
create policy shown on workflows.tasks as restrictive for all using (not is_deleted or app.shows_deleted());
-- Notifications about deleted requests are hidden and not counted.
create policy shown on audit.notifications as restrictive for all using (not is_deleted or app.shows_deleted());
call app.record_policies('requests.requests');
call app.record_policies('workflows.instances');
call app.record_policies('workflows.tasks');
call app.record_policies('audit.notifications');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["request.delete"]},
  "operations": {"TENANT": ["request.delete"]},
  "workflow_manager": {"TENANT": ["request.delete"]}
}');

-- Down Migration
-- Deleted requests are visible again. Granted permissions stay: roles of tenants may have them by choice.
drop policy shown on requests.requests;
drop policy shown on workflows.instances;
drop policy shown on workflows.tasks;
drop policy shown on audit.notifications;
drop function app.shows_deleted();
drop index audit.notifications_by_subject, requests.requests_by_deletion;
drop index workflows.instances_by_age, workflows.instances_by_definition, workflows.instances_by_state, workflows.instances_by_owner,
  workflows.instances_by_team, workflows.instances_by_assignee_user, workflows.instances_by_assignee_team, workflows.instances_by_assignee_vendor,
  workflows.instances_by_change, workflows.instances_requests_by_state, workflows.instances_requests_by_change;
create index instances_by_age on workflows.instances (tenant_id, created_at, id);
create index instances_by_definition on workflows.instances (tenant_id, definition_key, created_at, id);
create index instances_by_state on workflows.instances (tenant_id, state, created_at, id);
create index instances_by_owner on workflows.instances (tenant_id, owner_id, created_at, id);
create index instances_by_team on workflows.instances (tenant_id, team_id, created_at, id) where team_id is not null;
create index instances_by_assignee_user on workflows.instances (tenant_id, assignee_user_id, created_at, id) where assignee_user_id is not null;
create index instances_by_assignee_team on workflows.instances (tenant_id, assignee_team_id, created_at, id) where assignee_team_id is not null;
create index instances_by_assignee_vendor on workflows.instances (tenant_id, assignee_vendor_id, created_at, id) where assignee_vendor_id is not null;
create index instances_by_change on workflows.instances (tenant_id, updated_at, id);
create index instances_requests_by_state on workflows.instances (tenant_id, state, created_at, subject_id) include (id) where subject_type = 'request';
create index instances_requests_by_change on workflows.instances (tenant_id, updated_at, subject_id) include (id) where subject_type = 'request';
drop index workflows.tasks_open, workflows.tasks_waiting_by_due, workflows.tasks_waiting_by_queue, workflows.tasks_waiting_by_queue_due;
create index tasks_open on workflows.tasks (tenant_id, created_at, id) include (instance_id, status, assignee_id, vote) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_due on workflows.tasks (tenant_id, due_order, id) include (instance_id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue on workflows.tasks (tenant_id, queue_key, created_at, id) include (instance_id, status, assignee_id, vote) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue_due on workflows.tasks (tenant_id, queue_key, due_order, id) include (instance_id) where status in ('OPEN', 'CLAIMED');
drop index requests.requests_by_age, requests.requests_by_type, requests.requests_by_creator, requests.requests_by_building,
  requests.requests_by_asset, requests.requests_by_space, requests.requests_by_priority, requests.requests_by_impact, requests.requests_by_urgency,
  requests.requests_by_due;
create index requests_by_age on requests.requests (tenant_id, created_at, id);
create index requests_by_type on requests.requests (tenant_id, type_id, created_at, id);
create index requests_by_creator on requests.requests (tenant_id, created_by, created_at, id);
create index requests_by_building on requests.requests (tenant_id, building_id, created_at, id) where building_id is not null;
create index requests_by_asset on requests.requests (tenant_id, asset_id, created_at, id) where asset_id is not null;
create index requests_by_space on requests.requests (tenant_id, space_id, created_at, id) where space_id is not null;
create index requests_by_priority on requests.requests (tenant_id, priority, created_at, id);
create index requests_by_impact on requests.requests (tenant_id, impact, created_at, id) where impact is not null;
create index requests_by_urgency on requests.requests (tenant_id, urgency, created_at, id) where urgency is not null;
create index requests_by_due on requests.requests (tenant_id, due_order, id);
drop index audit.notifications_by_user, audit.notifications_unread;
create index notifications_by_user on audit.notifications (tenant_id, user_id, created_at, id);
create index notifications_unread on audit.notifications (tenant_id, user_id, created_at, id) where read_at is null;
alter table audit.notifications drop column is_deleted;
alter table workflows.tasks drop column is_deleted;
alter table workflows.instances drop column is_deleted;
alter table requests.requests drop column deleted_by, drop column deleted_at, drop column is_deleted;
