-- Up Migration
-- Comments can be deleted: the row remains without its text and its earlier texts, because users of a vendor delete no rows. Requests are found by the words of
-- comments that were written before the search existed.
alter table requests.comments
  add column deleted_at timestamptz,
  add column deleted_by uuid,
  add constraint comments_deleted_by_fkey foreign key (tenant_id, deleted_by) references identity.users (tenant_id, id),
  add constraint comments_deleted_check check ((deleted_at is null) = (deleted_by is null) and (deleted_at is null or text = ''));

-- The owner sees rows only while the force is lifted.
alter table workflows.instances no force row level security;
alter table workflows.history no force row level security;
alter table workflows.internal_comments no force row level security;
alter table requests.comments no force row level security;
alter table app.search_words no force row level security;
insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, vendor_id, word)
  select c.tenant_id, 'request', c.request_id, c.id, c.audience, c.vendor_id, w.word
    from (select tenant_id, request_id, id, audience, vendor_id, text from requests.comments
          union all
          select i.tenant_id, i.subject_id, h.id, 'PUBLIC', null, h.comment
            from workflows.history h join workflows.instances i on i.tenant_id = h.tenant_id and i.id = h.instance_id
           where i.subject_type = 'request' and h.kind = 'COMMENT' and h.comment is not null
          union all
          select i.tenant_id, i.subject_id, n.id, 'INTERNAL', null, n.text
            from workflows.internal_comments n join workflows.instances i on i.tenant_id = n.tenant_id and i.id = n.instance_id
           where i.subject_type = 'request') c (tenant_id, request_id, id, audience, vendor_id, text),
         lateral (select n.word from app.searchable_words(left(c.text, 100000)) as n(word) order by n.word collate "C" limit 1000) w
on conflict on constraint search_words_pkey do nothing;
alter table workflows.instances force row level security;
alter table workflows.history force row level security;
alter table workflows.internal_comments force row level security;
alter table requests.comments force row level security;
alter table app.search_words force row level security;

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["comment.delete"]},
  "workflow_manager": {"TENANT": ["comment.delete"]}
}');

-- Down Migration
alter table requests.comments
  drop constraint comments_deleted_check, drop constraint comments_deleted_by_fkey, drop column deleted_by, drop column deleted_at;
