-- Up Migration
-- Everybody who has written a version: where security.fourEyesPublishing is on, none of them publishes it.
alter table workflows.definitions add column author_ids uuid[] not null default '{}';

-- The audit trail has those of before. The policies hold for the owner too, and would hide the rows.
alter table workflows.definitions no force row level security;
alter table audit.entries no force row level security;
update workflows.definitions d
   set author_ids = array(select distinct a.actor_id from audit.entries a
                           where a.tenant_id = d.tenant_id and a.entity_type = 'definition' and a.entity_id = d.id and a.action in ('definition.create', 'definition.update')
                           union select d.created_by)
 where d.status = 'DRAFT';
update workflows.definitions set author_ids = array[created_by] where author_ids = '{}';
alter table audit.entries force row level security;
alter table workflows.definitions force row level security;

-- Down Migration
alter table workflows.definitions drop column author_ids;
