-- Up Migration
-- Users and teams in charge of a building.

create table requests.building_contacts (
  tenant_id uuid not null,
  id uuid not null,
  building_id uuid not null,
  user_id uuid,
  team_id uuid,
  -- What they are in charge of, for example "Caretaker".
  role text not null,
  created_at timestamptz not null default now(),
  constraint building_contacts_pkey primary key (tenant_id, id),
  constraint building_contacts_user_key unique (tenant_id, building_id, user_id),
  constraint building_contacts_team_key unique (tenant_id, building_id, team_id),
  constraint building_contacts_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint building_contacts_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint building_contacts_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id),
  constraint building_contacts_principal_check check (num_nonnulls(user_id, team_id) = 1)
);
create index building_contacts_by_user on requests.building_contacts (tenant_id, user_id) where user_id is not null;
create index building_contacts_by_team on requests.building_contacts (tenant_id, team_id) where team_id is not null;
call app.protect('requests.building_contacts', vendor_sees => 'false', vendor_writes => 'false');

-- Entries of contacts name users and teams.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> 'asset'
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'building.set_contact', 'building.remove_contact'])));
call app.record_policies('audit.entries');

-- Down Migration
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> 'asset'
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink'])));
call app.record_policies('audit.entries');
drop table requests.building_contacts;
