-- Up Migration
-- Where a published version is used: it is promoted from development over staging to production.

alter table workflows.definitions
  add column environments text[] not null default '{}';
-- What was published before has been in use. The owner sees rows under no context: FORCE is lifted for that.
alter table workflows.definitions no force row level security;
update workflows.definitions set environments = '{DEV,STAGING,PROD}' where status <> 'DRAFT';
alter table workflows.definitions force row level security;
alter table workflows.definitions
  add constraint definitions_environments_check check (environments in ('{}', '{DEV}', '{DEV,STAGING}', '{DEV,STAGING,PROD}') and (status = 'DRAFT') = (environments = '{}'));

-- Down Migration
alter table workflows.definitions drop constraint definitions_environments_check, drop column environments;
