-- The vendor of the user who acts; null for all other users.
create or replace function app.vendor() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.vendor_id', true), '')::uuid;
