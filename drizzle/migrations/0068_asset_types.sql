-- Up Migration
-- Asset types, and what an organization records about an asset: its owner, its purchase, its parent. Assets can be deleted and restored.

create table requests.asset_types (
  tenant_id uuid not null,
  id uuid not null,
  -- Never changes: assets refer to it.
  key text not null,
  name text not null,
  icon text,
  position integer not null default 0,
  status text not null default 'ACTIVE',
  has_unique_serial_numbers boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint asset_types_pkey primary key (tenant_id, id),
  constraint asset_types_key_key unique (tenant_id, key),
  -- Target of the foreign key of assets, which copies the column.
  constraint asset_types_serial_numbers_key unique (tenant_id, key, has_unique_serial_numbers),
  constraint asset_types_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint asset_types_status_check check (status in ('ACTIVE', 'INACTIVE'))
);
create index asset_types_by_age on requests.asset_types (tenant_id, created_at, id);
create index asset_types_by_name on requests.asset_types (tenant_id, name, id);
create index asset_types_by_position on requests.asset_types (tenant_id, position, id);

-- A type for each text that assets have as their type. The owner sees the rows of tenants only while the force is lifted.
alter table requests.assets no force row level security;
insert into requests.asset_types (tenant_id, id, key, name)
  select a.tenant_id, gen_random_uuid(), a.type, a.type from requests.assets a group by a.tenant_id, a.type;

alter table requests.assets
  -- As in the type, by the foreign key.
  add column has_unique_serial_number boolean not null default false,
  add column serial_number text,
  add column manufacturer text,
  add column model text,
  add column owner_user_id uuid,
  add column owner_team_id uuid,
  add column owner_vendor_id uuid,
  add column custodian_id uuid,
  add column purchased_on date,
  add column purchase_cost numeric(18, 2),
  add column purchase_currency text,
  add column warranty_until date,
  add column parent_id uuid,
  add column deleted_at timestamptz,
  add column deleted_by uuid,
  add constraint assets_type_fkey foreign key (tenant_id, type, has_unique_serial_number)
    references requests.asset_types (tenant_id, key, has_unique_serial_numbers) on update cascade,
  add constraint assets_owner_user_fkey foreign key (tenant_id, owner_user_id) references identity.users (tenant_id, id),
  add constraint assets_owner_team_fkey foreign key (tenant_id, owner_team_id) references identity.teams (tenant_id, id),
  add constraint assets_owner_vendor_fkey foreign key (tenant_id, owner_vendor_id) references vendors.vendors (tenant_id, id),
  add constraint assets_custodian_fkey foreign key (tenant_id, custodian_id) references identity.users (tenant_id, id),
  add constraint assets_parent_fkey foreign key (tenant_id, parent_id) references requests.assets (tenant_id, id),
  add constraint assets_owner_check check (num_nonnulls(owner_user_id, owner_team_id, owner_vendor_id) <= 1),
  add constraint assets_cost_check check ((purchase_cost is null) = (purchase_currency is null)),
  add constraint assets_parent_check check (parent_id <> id),
  add constraint assets_deleted_check check ((deleted_at is null) = (deleted_by is null)),
  -- The tag of a deleted asset can be used again.
  drop constraint assets_tag_key;
create unique index assets_tag_key on requests.assets (tenant_id, tag) where deleted_at is null;
create unique index assets_serial_number_key on requests.assets (tenant_id, type, serial_number) where has_unique_serial_number and deleted_at is null;
create index assets_by_serial_number on requests.assets (tenant_id, serial_number) where serial_number is not null;
create index assets_by_parent on requests.assets (tenant_id, parent_id, tag, id) where parent_id is not null;
create index assets_by_status on requests.assets (tenant_id, status, tag, id);
create index assets_by_change on requests.assets (tenant_id, updated_at, id);
create index assets_by_owner_user on requests.assets (tenant_id, owner_user_id) where owner_user_id is not null;
create index assets_by_owner_team on requests.assets (tenant_id, owner_team_id) where owner_team_id is not null;
create index assets_by_owner_vendor on requests.assets (tenant_id, owner_vendor_id) where owner_vendor_id is not null;
create index assets_by_custodian on requests.assets (tenant_id, custodian_id) where custodian_id is not null;
create index assets_by_warranty on requests.assets (tenant_id, warranty_until) where warranty_until is not null;
create index assets_by_deletion on requests.assets (tenant_id, deleted_at, id) where deleted_at is not null;

-- The texts by which an asset is found.
create function requests.texts_of_asset(asset requests.assets) returns text language sql immutable parallel safe
  return concat_ws(' ', asset.tag, asset.name, asset.type, asset.serial_number, asset.manufacturer, asset.model);

create function requests.index_asset() returns trigger language plpgsql as $$
begin
  call app.index_text(new.tenant_id, 'asset', new.id, new.id, 'PUBLIC', null, requests.texts_of_asset(new));
  return null;
end $$;

alter table app.search_words no force row level security;
insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
  select a.tenant_id, 'asset', a.id, a.id, 'PUBLIC', w.word
    from requests.assets a, lateral (select n.word from app.searchable_words(requests.texts_of_asset(a)) as n(word) order by n.word collate "C" limit 1000) w;
alter table app.search_words force row level security;
alter table requests.assets force row level security;

create trigger assets_searchable after insert or update of tag, name, type, serial_number, manufacturer, model on requests.assets for each row
  execute function requests.index_asset();

call app.protect('requests.asset_types', vendor_sees => 'true', vendor_writes => 'false');

-- A request that is created while its asset is deleted either counts as a reason against the deletion, or is refused. `deleteAsset` takes the lock first.
create function requests.assert_asset_exists() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('weft.asset.' || new.asset_id, 0));
  if exists (select from requests.assets a where a.tenant_id = new.tenant_id and a.id = new.asset_id and a.deleted_at is not null) then
    raise exception 'The asset % is deleted.', new.asset_id using errcode = 'foreign_key_violation', constraint = 'requests_asset_exists';
  end if;
  return new;
end $$;

create trigger requests_asset_exists before insert on requests.requests for each row when (new.asset_id is not null)
  execute function requests.assert_asset_exists();
create trigger requests_new_asset_exists before update of asset_id on requests.requests for each row
  when (new.asset_id is not null and new.asset_id is distinct from old.asset_id) execute function requests.assert_asset_exists();

-- Entries of assets name their owners and what they cost.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> 'asset'
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink'])));
call app.record_policies('audit.entries');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["asset.delete", "assetType.update"]},
  "workflow_manager": {"TENANT": ["assetType.update"]},
  "operations": {"TENANT": ["asset.delete", "assetType.update"]}
}');

-- Down Migration
-- Granted permissions stay: roles of tenants may have them by choice.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id)
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink'])));
call app.record_policies('audit.entries');
drop trigger requests_new_asset_exists on requests.requests;
drop trigger requests_asset_exists on requests.requests;
drop function requests.assert_asset_exists();
drop trigger assets_searchable on requests.assets;
drop function requests.index_asset();
drop function requests.texts_of_asset(requests.assets);
alter table app.search_words no force row level security;
delete from app.search_words where object_type = 'asset';
alter table app.search_words force row level security;
drop index requests.assets_tag_key, requests.assets_by_status, requests.assets_by_change;
alter table requests.assets
  drop constraint assets_type_fkey,
  drop column deleted_by, drop column deleted_at, drop column parent_id, drop column warranty_until, drop column purchase_currency,
  drop column purchase_cost, drop column purchased_on, drop column custodian_id, drop column owner_vendor_id, drop column owner_team_id,
  drop column owner_user_id, drop column model, drop column manufacturer, drop column serial_number, drop column has_unique_serial_number,
  -- Fails if a deleted asset has the tag of another one: give it another tag first.
  add constraint assets_tag_key unique (tenant_id, tag);
drop table requests.asset_types;
