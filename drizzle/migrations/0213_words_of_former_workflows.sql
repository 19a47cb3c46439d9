-- Up Migration

-- A request that was converted to another type is found by the comments on its former workflow. 0211 removed their words, because the workflow no longer belongs
-- to the request. As after a conversion, nobody of a vendor finds the request by them. The owner sees the tenants only while the force is lifted, and then the
-- rows of one tenant at a time.
do $$
declare
  tenants uuid[];
  tenant uuid;
  written record;
  no_vendor constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  alter table identity.tenants no force row level security;
  tenants := array(select t.tenant_id from identity.tenants t);
  alter table identity.tenants force row level security;
  foreach tenant in array tenants loop
    perform set_config('app.tenant_id', tenant::text, true);
    for written in
      select f.request_id, h.id, 'PUBLIC' as audience, no_vendor as vendor_id, h.comment as text
        from requests.former_instances f join workflows.history h on h.tenant_id = tenant and h.instance_id = f.instance_id
       where f.tenant_id = tenant and h.kind = 'COMMENT' and h.comment is not null
      union all
      select f.request_id, c.id, 'INTERNAL', null, c.text
        from requests.former_instances f join workflows.internal_comments c on c.tenant_id = tenant and c.instance_id = f.instance_id
       where f.tenant_id = tenant
    loop
      call app.index_text(tenant, 'request', written.request_id, written.id, written.audience, written.vendor_id, written.text);
    end loop;
  end loop;
  perform set_config('app.tenant_id', '', true);
end $$;

-- Down Migration

-- Nothing: the words are those of comments that exist.
