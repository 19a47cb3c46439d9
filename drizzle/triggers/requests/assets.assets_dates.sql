-- Keeps requests.asset_dates.
create or replace trigger assets_dates after update of warranty_until, inspection_due_on, type, building_id, deleted_at on requests.assets for each row
  when ((old.warranty_until, old.inspection_due_on, old.type, old.building_id, old.deleted_at)
    is distinct from (new.warranty_until, new.inspection_due_on, new.type, new.building_id, new.deleted_at))
  execute function requests.keep_asset_dates();
