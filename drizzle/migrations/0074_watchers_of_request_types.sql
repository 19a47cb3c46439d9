-- Up Migration
-- Users who watch the requests of a type from their submission: members of roles and teams, and users by name. References are checked when they are set; those
-- that end later match nobody.
alter table requests.request_types
  add column watcher_role_keys text[] not null default '{}',
  add column watcher_team_ids uuid[] not null default '{}',
  add column watcher_user_ids uuid[] not null default '{}';

-- Down Migration
alter table requests.request_types drop column watcher_user_ids, drop column watcher_team_ids, drop column watcher_role_keys;
