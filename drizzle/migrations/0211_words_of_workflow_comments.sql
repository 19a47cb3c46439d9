-- Up Migration

-- The words of comments on workflows are indexed under the ID of their comment. It was a random one, by which an erasure of the author could not delete them.
-- The owner sees the tenants only while the force is lifted, and then the rows of one tenant at a time.
do $$
declare
  tenants uuid[];
  tenant uuid;
  written record;
begin
  alter table identity.tenants no force row level security;
  tenants := array(select t.tenant_id from identity.tenants t);
  alter table identity.tenants force row level security;
  foreach tenant in array tenants loop
    perform set_config('app.tenant_id', tenant::text, true);
    delete from app.search_words s
     where s.tenant_id = tenant and s.object_type = 'request' and s.source_id <> s.object_id
       and not exists (select from requests.comments c where c.tenant_id = tenant and c.id = s.source_id);
    for written in
      select i.subject_id, h.id, 'PUBLIC' as audience, h.comment as text
        from workflows.history h join workflows.instances i on i.tenant_id = tenant and i.id = h.instance_id
       where h.tenant_id = tenant and h.kind = 'COMMENT' and h.comment is not null and i.subject_type = 'request' and i.subject_id is not null
      union all
      select i.subject_id, c.id, 'INTERNAL', c.text
        from workflows.internal_comments c join workflows.instances i on i.tenant_id = tenant and i.id = c.instance_id
       where c.tenant_id = tenant and i.subject_type = 'request' and i.subject_id is not null
    loop
      call app.index_text(tenant, 'request', written.subject_id, written.id, written.audience, null, written.text);
    end loop;
  end loop;
  perform set_config('app.tenant_id', '', true);
end $$;

-- Down Migration

-- Nothing: searches find the words under any ID.
