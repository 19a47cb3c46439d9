-- Up Migration
-- Lifecycles: a type of assets can name a definition. Each asset of the type then has an instance, and its status follows the state of the instance.

alter table requests.asset_types
  add column lifecycle_definition_key text,
  -- State of the definition → status of the asset. Other states leave the status as it is.
  add column lifecycle_statuses jsonb not null default '{}',
  add constraint asset_types_lifecycle_check check (lifecycle_definition_key is not null or lifecycle_statuses = '{}');

alter table requests.assets add column instance_id uuid;

-- Sets the status of an asset when the state of its lifecycle changes, in the same transaction. The type is locked so that a change of its lifecycle,
-- which sets the statuses of all its assets, finds every state that was reached before. Without the vendor's restrictions, because a vendor's users
-- fire transitions but change no assets.
create function requests.follow_lifecycle() returns trigger language plpgsql as $$
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
create trigger assets_follow after update of state on workflows.instances for each row
  when (new.subject_type = 'asset' and new.state <> old.state)
  execute function requests.follow_lifecycle();

-- Down Migration
drop trigger assets_follow on workflows.instances;
drop function requests.follow_lifecycle();
alter table requests.assets drop column instance_id;
alter table requests.asset_types drop column lifecycle_statuses, drop column lifecycle_definition_key;
