-- Up Migration
-- Saved views: named filters, orders and columns of a list, for their owner, a team, or the whole tenant.

create table app.saved_views (
  tenant_id uuid not null,
  id uuid not null,
  -- REQUESTS | BUILDINGS | ASSETS. Never changes.
  list text not null,
  name text not null,
  -- PRIVATE | TEAM | TENANT
  visibility text not null,
  team_id uuid,
  owner_id uuid not null,
  -- As the client wrote it, in the terms of the list's filter input. Checked against that input whenever it is used.
  filter jsonb not null,
  -- {"field", "direction", "name"}; null for the list's own order.
  order_by jsonb,
  columns text[] not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint saved_views_pkey primary key (tenant_id, id),
  constraint saved_views_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint saved_views_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id),
  constraint saved_views_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS')),
  constraint saved_views_visibility_check check (visibility in ('PRIVATE', 'TEAM', 'TENANT')),
  constraint saved_views_team_check check ((visibility = 'TEAM') = (team_id is not null)),
  constraint saved_views_columns_check check (cardinality(columns) <= 50)
);
create index saved_views_by_owner on app.saved_views (tenant_id, owner_id);
create index saved_views_by_name on app.saved_views (tenant_id, name, id);
-- Not for users of a vendor: the names and filters of the organization say how it works.
call app.protect('app.saved_views');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["view.share"]},
  "workflow_manager": {"TENANT": ["view.share"]},
  "operations": {"TEAM": ["view.share"]}
}');

-- Down Migration
drop table app.saved_views;
