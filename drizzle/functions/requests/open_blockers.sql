-- Returns how many open requests a request waits for: those that block it, and its children. Without the vendor's restrictions, because a vendor's users do
-- not see the requests that block theirs; they learn only the number.
create or replace function requests.open_blockers(request uuid) returns bigint language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  waits_for bigint;
begin
  perform set_config('app.vendor_id', '', true);
  select count(*) into waits_for
    from (select l.from_id as id from requests.links l where l.tenant_id = app.tenant() and l.kind = 'BLOCKS' and l.to_id = request
          union
          select l.to_id from requests.links l where l.tenant_id = app.tenant() and l.kind = 'PARENT_OF' and l.from_id = request) as other
    join requests.requests r on r.tenant_id = app.tenant() and r.id = other.id
    join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
   where i.finished_at is null and i.closed_at is null;
  perform set_config('app.vendor_id', acting_vendor, true);
  return waits_for;
end $$;
