-- Up Migration
-- What a service desk does with a request besides its workflow: comments with an audience, priority, due date, tags, and watchers. The database hides internal
-- comments and their events from users of a vendor.

-- Internal comments on an instance. They are not part of its history, because the history's versions have no gaps: a vendor could count what it cannot read.
create table workflows.internal_comments (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  -- Version and state of the instance at that time.
  version integer not null,
  state text not null,
  author_id uuid not null,
  on_behalf_of uuid,
  text text not null,
  created_at timestamptz not null,
  constraint internal_comments_pkey primary key (tenant_id, id),
  constraint internal_comments_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint internal_comments_author_fkey foreign key (tenant_id, author_id) references identity.users (tenant_id, id)
);
create index internal_comments_by_instance on workflows.internal_comments (tenant_id, instance_id, id);
call app.protect('workflows.internal_comments');

create table requests.comments (
  tenant_id uuid not null,
  id uuid not null,
  request_id uuid not null,
  -- INTERNAL | PUBLIC. Never changes.
  audience text not null,
  -- Vendor to which the request was assigned at that time. Only this vendor sees the comment; without one, every vendor to which the request is assigned.
  vendor_id uuid,
  author_id uuid not null,
  on_behalf_of uuid,
  text text not null,
  mentioned_ids uuid[] not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null,
  edited_at timestamptz,
  constraint comments_pkey primary key (tenant_id, id),
  constraint comments_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint comments_author_fkey foreign key (tenant_id, author_id) references identity.users (tenant_id, id),
  constraint comments_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint comments_audience_check check (audience in ('INTERNAL', 'PUBLIC')),
  constraint comments_internal_check check (audience = 'PUBLIC' or vendor_id is null)
);
create index comments_by_request on requests.comments (tenant_id, request_id, id);
call app.protect('requests.comments',
  vendor_sees => $$audience = 'PUBLIC' and coalesce(vendor_id, app.vendor()) = app.vendor() and app.vendor_sees(request_id)$$);

-- Whether the acting vendor sees the comment, by the policy of its table.
create function app.vendor_sees_comment(comment uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from requests.comments c where c.tenant_id = app.tenant() and c.id = comment);
end $$;

-- Earlier texts of edited comments. Append-only.
create table requests.comment_versions (
  tenant_id uuid not null,
  comment_id uuid not null,
  version integer not null,
  text text not null,
  author_id uuid not null,
  replaced_at timestamptz not null,
  constraint comment_versions_pkey primary key (tenant_id, comment_id, version),
  constraint comment_versions_comment_fkey foreign key (tenant_id, comment_id) references requests.comments (tenant_id, id)
);
call app.protect('requests.comment_versions', vendor_sees => 'app.vendor_sees_comment(comment_id)');

-- Events of internal comments are about an instance or a request that the vendor can see.
alter policy vendor on events.log using (
  app.is_staff() or (app.vendor_sees_event(subject_id, related) and payload->>'audience' is distinct from 'INTERNAL'));
call app.record_policies('events.log');

-- Priority, due date and tags of a request. `set_priority` was set by a user; without one, `priority` follows from impact and urgency.
alter table requests.requests
  add column impact smallint,
  add column urgency smallint,
  add column set_priority smallint,
  add column priority smallint not null default 1,
  add column due_at timestamptz,
  add column tags text[] not null default '{}',
  add constraint requests_impact_check check (impact between 0 and 2),
  add constraint requests_urgency_check check (urgency between 0 and 2),
  add constraint requests_priority_check check (priority between 0 and 3 and set_priority between 0 and 3),
  add constraint requests_tags_check check (cardinality(tags) <= 20);

-- Users who watch a request. Rows are ended and not deleted, because users of a vendor delete nothing.
create table requests.watchers (
  tenant_id uuid not null,
  request_id uuid not null,
  user_id uuid not null,
  added_by uuid not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  constraint watchers_pkey primary key (tenant_id, request_id, user_id),
  constraint watchers_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint watchers_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
call app.protect('requests.watchers', vendor_sees => 'user_id = app.user_id() and app.vendor_sees(request_id)');

-- Links between requests. RELATES_TO has no direction; its smaller ID comes first.
create table requests.links (
  tenant_id uuid not null,
  -- BLOCKS | DUPLICATES | PARENT_OF | RELATES_TO
  kind text not null,
  from_id uuid not null,
  to_id uuid not null,
  created_by uuid not null,
  created_at timestamptz not null,
  constraint links_pkey primary key (tenant_id, kind, from_id, to_id),
  constraint links_from_fkey foreign key (tenant_id, from_id) references requests.requests (tenant_id, id),
  constraint links_to_fkey foreign key (tenant_id, to_id) references requests.requests (tenant_id, id),
  constraint links_kind_check check (kind in ('BLOCKS', 'DUPLICATES', 'PARENT_OF', 'RELATES_TO')),
  constraint links_self_check check (from_id <> to_id)
);
create index links_by_from on requests.links (tenant_id, from_id);
create index links_by_to on requests.links (tenant_id, to_id);
create unique index links_one_parent on requests.links (tenant_id, to_id) where kind = 'PARENT_OF';
create unique index links_one_original on requests.links (tenant_id, from_id) where kind = 'DUPLICATES';
call app.protect('requests.links', vendor_sees => 'app.vendor_sees(from_id) and app.vendor_sees(to_id)', vendor_writes => 'false');

-- Audit entries of a request that name its tags, its watchers, or other requests.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id)
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink'])));
call app.record_policies('audit.entries');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["request.comment", "request.triage"]},
  "workflow_manager": {"TENANT": ["request.comment", "request.triage"]},
  "operations": {"TENANT": ["request.comment", "request.triage"]},
  "requester": {"OWN": ["request.comment"]},
  "approver": {"TENANT": ["request.comment"]},
  "underwriter": {"TENANT": ["request.comment"]},
  "credit_team": {"TENANT": ["request.comment"]},
  "legal_team": {"TENANT": ["request.comment"]},
  "technical_team": {"TENANT": ["request.comment"]},
  "vendor_user": {"ASSIGNED": ["request.comment"]}
}');

-- Down Migration
alter policy vendor on audit.entries using (app.is_staff() or (app.vendor_sees(entity_id)));
call app.record_policies('audit.entries');
drop table requests.links;
drop table requests.watchers;
alter table requests.requests drop column tags, drop column due_at, drop column priority, drop column set_priority, drop column urgency, drop column impact;
alter policy vendor on events.log using (app.is_staff() or (app.vendor_sees_event(subject_id, related)));
call app.record_policies('events.log');
drop table requests.comment_versions;
drop function app.vendor_sees_comment(uuid);
drop table requests.comments;
drop table workflows.internal_comments;
