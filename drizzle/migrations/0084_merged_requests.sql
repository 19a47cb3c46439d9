-- Up Migration
-- Requests can be merged and split: their comments and files are copied, so that each request keeps its own.
create table requests.copies (
  tenant_id uuid not null,
  id uuid not null,
  -- MERGE: `from` is a duplicate and ended, `to` goes on with its content. SPLIT: `to` was created from a part of `from`.
  kind text not null,
  from_id uuid not null,
  to_id uuid not null,
  actor_id uuid not null,
  on_behalf_of uuid,
  created_at timestamptz not null,
  constraint copies_pkey primary key (tenant_id, id),
  constraint copies_from_fkey foreign key (tenant_id, from_id) references requests.requests (tenant_id, id),
  constraint copies_to_fkey foreign key (tenant_id, to_id) references requests.requests (tenant_id, id),
  constraint copies_kind_check check (kind in ('MERGE', 'SPLIT')),
  constraint copies_self_check check (from_id <> to_id)
);
create index copies_by_from on requests.copies (tenant_id, from_id, created_at);
create index copies_by_to on requests.copies (tenant_id, to_id, created_at);
-- Users of a vendor might not see the other request.
call app.protect('requests.copies');

-- The comment of another request that a comment is a copy of.
alter table requests.comments
  add column copied_from_id uuid,
  add constraint comments_copied_from_fkey foreign key (tenant_id, copied_from_id) references requests.comments (tenant_id, id);
create unique index comments_copied_once on requests.comments (tenant_id, request_id, copied_from_id) where copied_from_id is not null;

-- Entries of merged and split requests name other requests.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> 'asset'
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'building.set_contact', 'building.remove_contact'])));
call app.record_policies('audit.entries');

-- Down Migration
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> 'asset'
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'building.set_contact', 'building.remove_contact'])));
call app.record_policies('audit.entries');
drop index requests.comments_copied_once;
alter table requests.comments drop constraint comments_copied_from_fkey, drop column copied_from_id;
drop table requests.copies;
