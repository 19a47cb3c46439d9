-- Keeps the due times of requests.asset_dates.
create or replace trigger asset_types_notices after update of warranty_notice_days, inspection_notice_days on requests.asset_types for each row
  when ((old.warranty_notice_days, old.inspection_notice_days) is distinct from (new.warranty_notice_days, new.inspection_notice_days))
  execute function requests.replan_asset_dates();
