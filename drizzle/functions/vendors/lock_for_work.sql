-- requires: vendors.missing_documents
-- replaces: vendors.lock_for_work(uuid)
-- Returns a vendor to which work is to be assigned, with the required documents that it lacks, and locks it until commit: a concurrent change of its status,
-- or of what counts among its documents, either comes first or waits. Locking a row requires the right to change it, which a vendor's users lack, so the
-- function runs without the vendor's restrictions. For them it returns only their own vendor, without the reason.
create or replace function vendors.lock_for_work(vendor uuid) returns table (name text, status text, status_reason text, missing_documents jsonb) language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
begin
  if acting_vendor <> '' and acting_vendor <> vendor::text then
    return;
  end if;
  perform set_config('app.vendor_id', '', true);
  perform from vendors.vendors v where v.tenant_id = app.tenant() and v.id = vendor for share;
  -- A statement of its own: it sees what was committed while the lock was awaited.
  return query
    select v.name, v.status, case when acting_vendor = '' then v.status_reason end,
           (select jsonb_agg(jsonb_build_object('kind', m.kind, 'reason', m.reason, 'title', m.title,
                     'expiredAt', to_char(m.expired_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) order by m.kind)
              from vendors.missing_documents(array[v.id]) m)
      from vendors.vendors v
     where v.tenant_id = app.tenant() and v.id = vendor;
  perform set_config('app.vendor_id', acting_vendor, true);
end $$;
