-- Up Migration
-- A status of an asset that follows its lifecycle is announced by an event, and has an audit entry. Before, it was only in the history of the workflow.
drop trigger assets_follow on workflows.instances;
-- Sets the status of an asset when the state of its lifecycle changes, in the same transaction, with an audit entry and an event. It runs for the event of the
-- instance, which knows the actor and the request. The type is locked so that a change of its lifecycle, which sets the statuses of all its assets, finds
-- every state that was reached before. Without the vendor's restrictions, because a vendor's users fire transitions but change no assets.
create or replace function requests.follow_lifecycle() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  asset uuid := (new.related ->> 'asset')::uuid;
  next_status text;
  was record;
  event uuid;
  entry uuid;
begin
  perform set_config('app.vendor_id', '', true);
  select t.lifecycle_statuses ->> i.state into next_status
    from workflows.instances i
    join requests.assets a on a.tenant_id = i.tenant_id and a.id = i.subject_id and a.instance_id = i.id
    join requests.asset_types t on t.tenant_id = a.tenant_id and t.key = a.type and t.lifecycle_definition_key = i.definition_key
   where i.tenant_id = new.tenant_id and i.id = new.subject_id and i.subject_id = asset
     for share of t;
  select a.status, a.version, a.building_id into was
    from requests.assets a
   where a.tenant_id = new.tenant_id and a.id = asset and a.status <> next_status
     for no key update of a;
  if found then
    update requests.assets set status = next_status, version = version + 1, updated_at = now()
     where tenant_id = new.tenant_id and id = asset;
    event := app.uuid_v7();
    insert into events.log (
      tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
      request_id, trace_id, occurred_at)
    values (
      new.tenant_id, event, 'asset.updated', 1, 'asset', asset, was.version + 1, jsonb_build_object('building', was.building_id),
      '{"changed": ["status"]}', new.actor_id, new.on_behalf_of, new.id, new.request_id, new.trace_id, new.occurred_at);
    insert into events.outbox (tenant_id, event_id) values (new.tenant_id, event);
    entry := app.uuid_v7();
    insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, request_id)
    values (
      new.tenant_id, entry, 'asset.update', 'asset', asset,
      jsonb_build_object('status', was.status, 'version', was.version), jsonb_build_object('status', next_status, 'version', was.version + 1),
      new.actor_id, new.on_behalf_of, new.request_id);
    insert into audit.unsealed (tenant_id, entry_id) values (new.tenant_id, entry);
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
-- Other events only pay for the condition. A start is not followed: the asset is written with its status afterwards.
create or replace trigger assets_follow after insert on events.log for each row
  when (new.subject_type = 'instance' and new.related ? 'asset' and new.payload ? 'to' and new.type <> 'workflow.started')
  execute function requests.follow_lifecycle();

-- Down Migration
drop trigger assets_follow on events.log;
-- Sets the status of an asset when the state of its lifecycle changes, in the same transaction. The type is locked so that a change of its lifecycle,
-- which sets the statuses of all its assets, finds every state that was reached before. Without the vendor's restrictions, because a vendor's users
-- fire transitions but change no assets.
create or replace function requests.follow_lifecycle() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  next_status text;
begin
  perform set_config('app.vendor_id', '', true);
  select t.lifecycle_statuses ->> new.state into next_status
    from requests.assets a
    join requests.asset_types t on t.tenant_id = a.tenant_id and t.key = a.type and t.lifecycle_definition_key = new.definition_key
   where a.tenant_id = new.tenant_id and a.id = new.subject_id and a.instance_id = new.id
     for share of t;
  update requests.assets set status = next_status, version = version + 1, updated_at = now()
   where tenant_id = new.tenant_id and id = new.subject_id and instance_id = new.id and status <> next_status;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
-- Transitions of other instances only pay for the condition.
create or replace trigger assets_follow after update of state on workflows.instances for each row
  when (new.subject_type = 'asset' and new.state <> old.state)
  execute function requests.follow_lifecycle();
