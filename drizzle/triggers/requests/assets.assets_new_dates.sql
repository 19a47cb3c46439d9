-- Keeps requests.asset_dates.
create or replace trigger assets_new_dates after insert on requests.assets for each row
  when (new.warranty_until is not null or new.inspection_due_on is not null) execute function requests.keep_asset_dates();
