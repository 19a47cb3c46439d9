-- Whether the acting vendor sees an attachment of the file, by the policy of its table.
create or replace function app.vendor_sees_file(file uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from app.attachments a where a.tenant_id = app.tenant() and a.file_id = file);
end $$;
