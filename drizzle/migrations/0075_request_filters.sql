-- Up Migration
-- Lists of requests by priority, impact, urgency, due date, tag, and watcher.

alter table requests.requests
  -- `due_at` for sorting: `infinity` without a due date.
  add column due_order timestamptz not null generated always as (coalesce(due_at, 'infinity'::timestamptz)) stored;
create index requests_by_priority on requests.requests (tenant_id, priority, created_at, id);
create index requests_by_impact on requests.requests (tenant_id, impact, created_at, id) where impact is not null;
create index requests_by_urgency on requests.requests (tenant_id, urgency, created_at, id) where urgency is not null;
create index requests_by_due on requests.requests (tenant_id, due_order, id);
create index watchers_by_user on requests.watchers (tenant_id, user_id, request_id) where ended_at is null;

-- Tags are found as words of a type of their own, because conditions on arrays cannot use an index under row-level security. The fixed source is "the tags".
create function requests.index_tags() returns trigger language plpgsql as $$
declare
  source constant uuid := '00000000-0000-7000-8000-000000000001';
begin
  delete from app.search_words s
   where s.tenant_id = new.tenant_id and s.object_id = new.id and s.source_id = source and s.word <> all(new.tags);
  insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
    select new.tenant_id, 'requestTag', new.id, source, 'INTERNAL', t.tag from unnest(new.tags) as t(tag)
  on conflict on constraint search_words_pkey do nothing;
  return null;
end $$;
create trigger requests_tagged after insert on requests.requests for each row when (cardinality(new.tags) > 0)
  execute function requests.index_tags();
create trigger requests_retagged after update of tags on requests.requests for each row when (old.tags is distinct from new.tags)
  execute function requests.index_tags();

-- The owner sees rows only while the force is lifted.
alter table requests.requests no force row level security;
alter table app.search_words no force row level security;
insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
  select r.tenant_id, 'requestTag', r.id, '00000000-0000-7000-8000-000000000001', 'INTERNAL', t.tag from requests.requests r, unnest(r.tags) as t(tag)
on conflict on constraint search_words_pkey do nothing;
alter table app.search_words force row level security;
alter table requests.requests force row level security;

-- Down Migration
drop trigger requests_retagged on requests.requests;
drop trigger requests_tagged on requests.requests;
drop function requests.index_tags();
alter table app.search_words no force row level security;
delete from app.search_words where object_type = 'requestTag';
alter table app.search_words force row level security;
drop index requests.watchers_by_user, requests.requests_by_due, requests.requests_by_urgency, requests.requests_by_impact, requests.requests_by_priority;
alter table requests.requests drop column due_order;
