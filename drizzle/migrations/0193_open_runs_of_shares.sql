-- Up Migration
-- The owner of a shared automation limits how many of its runs are open at the same time, and records of uses end.
alter table workflows.definition_shares
  -- Null: no limit of its own, as for shares from before this migration.
  add column max_open_runs integer,
  drop constraint definition_shares_limit_check,
  add constraint definition_shares_limit_check check (mode = 'START' or (max_starts_per_hour is null and max_open_runs is null));
alter table workflows.definition_share_uses
  -- Whether what was started may still be open, in the owner's row only. False is final. What has ended is found when the limit seems to be reached.
  add column is_open boolean not null default false;
alter table workflows.definition_share_uses no force row level security;
alter table workflows.instances no force row level security;
update workflows.definition_share_uses u set is_open = true
  from workflows.instances i
 where i.tenant_id = u.tenant_id and i.id = u.instance_id and i.finished_at is null;
alter table workflows.instances force row level security;
alter table workflows.definition_share_uses force row level security;
create index definition_share_uses_open on workflows.definition_share_uses (tenant_id, share_id, id) where is_open;
-- Of the oldest ones, which are deleted.
create index definition_share_uses_of_owner on workflows.definition_share_uses (tenant_id, created_at, id) where side = 'OWNER';

-- Down Migration
drop index workflows.definition_share_uses_of_owner, workflows.definition_share_uses_open;
alter table workflows.definition_share_uses drop column is_open;
alter table workflows.definition_shares
  drop constraint definition_shares_limit_check,
  drop column max_open_runs,
  add constraint definition_shares_limit_check check (mode = 'START' or max_starts_per_hour is null);
