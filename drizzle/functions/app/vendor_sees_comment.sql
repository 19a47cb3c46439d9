-- Whether the acting vendor sees the comment, by the policy of its table.
create or replace function app.vendor_sees_comment(comment uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from requests.comments c where c.tenant_id = app.tenant() and c.id = comment);
end $$;
