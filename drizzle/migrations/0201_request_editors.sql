-- Up Migration

-- Who is changing a request at present, or is writing a comment on it. Not logged: it lasts for seconds, and nothing is lost with it.
create unlogged table requests.request_editors (
  tenant_id uuid not null,
  request_id uuid not null,
  -- The session, or the API key in its place.
  session_id uuid not null,
  user_id uuid not null,
  activity text not null,
  -- Whether only users who read internal comments can see it.
  is_internal boolean not null,
  began_at timestamptz not null,
  -- Until when it counts, unless it is announced again. -infinity: the user has stopped.
  expires_at timestamptz not null,
  constraint request_editors_pkey primary key (tenant_id, request_id, session_id),
  constraint request_editors_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id) on delete cascade,
  constraint request_editors_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id) on delete cascade,
  constraint request_editors_activity_check check (activity in ('CHANGING', 'COMMENTING'))
);
create index request_editors_by_session on requests.request_editors (tenant_id, session_id);
create index request_editors_by_expiry on requests.request_editors (expires_at);
-- Users of a vendor do not learn who else works on a request.
call app.protect('requests.request_editors', vendor_sees => 'user_id = app.user_id() and app.vendor_sees(request_id)');

-- Down Migration

drop table requests.request_editors;
