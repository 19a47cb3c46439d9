-- Up Migration
-- The life of a definition: drafts are rewritten and thrown away, published versions only move on.

alter table workflows.definitions
  -- The version that this one was made from. No foreign key: that one may have been a draft that is gone, and what is published stays as it is.
  add column parent_id uuid,
  -- Why this version, in its author's words.
  add column message text not null default '',
  -- By which people find it; not a part of what is frozen.
  add column tags text[] not null default '{}',
  add constraint definitions_tags_check check (cardinality(tags) <= 20);

-- What was written before has its forerunner for parent. The owner sees rows under no context: FORCE is lifted for that.
alter table workflows.definitions no force row level security;
update workflows.definitions d
   set parent_id = (select p.id from workflows.definitions p
                     where p.tenant_id = d.tenant_id and p.key = d.key and p.number < d.number order by p.number desc limit 1)
 where d.number > 1;
alter table workflows.definitions force row level security;

-- Nobody changes what was published. Without triggers, which Citus lacks, it takes three things: weft_app may not update the columns of the content
-- (see its privileges), a draft being rewritten by a row that takes its place; no row becomes a draft again; and only drafts are deleted, or everything of
-- a tenant whose time has come.
create policy published_stays on workflows.definitions as restrictive for update using (true) with check (status <> 'DRAFT');
create policy published_remains on workflows.definitions as restrictive for delete using (status = 'DRAFT' or app.purge_is_due());

-- Down Migration
drop policy published_remains on workflows.definitions;
drop policy published_stays on workflows.definitions;
alter table workflows.definitions
  drop constraint definitions_tags_check,
  drop column tags,
  drop column message,
  drop column parent_id;
