-- What owners show of the definitions that they share with the transaction's tenant: whether they can be used now, and the inputs of automations that it may
-- start. Reads the rows of each owner as this owner. One statement, so that no other statement of the transaction runs in an owner's tenant.
create or replace function workflows.shared_interfaces(shares uuid[]) returns table (share_id uuid, is_usable boolean, inputs jsonb) language plpgsql as $$
declare
  recipient uuid := app.tenant();
  received record;
begin
  for received in
    select s.partner_id, array_agg(s.id) as ids from workflows.definition_shares s
     where s.tenant_id = recipient and s.id = any(shares) and s.side = 'RECIPIENT' group by s.partner_id
  loop
    perform set_config('app.tenant_id', received.partner_id::text, true);
    return query
      select s.id, d.id is not null, case when s.mode = 'START' then d.document->'inputs' end
        from workflows.definition_shares s
        join identity.tenants t on t.tenant_id = s.tenant_id and t.status = 'ACTIVE'
        left join lateral (
          select v.id, v.document from workflows.definitions v
           where v.tenant_id = s.tenant_id and v.key = s.definition_key and v.status in ('PUBLISHED', 'DEPRECATED') and 'PROD' = any(v.environments)
           order by v.status desc, v.number desc limit 1) d on true
       where s.tenant_id = received.partner_id and s.id = any(received.ids) and s.side = 'OWNER' and s.partner_id = recipient
         and s.status = 'ACCEPTED' and s.expires_at > clock_timestamp();
  end loop;
  perform set_config('app.tenant_id', recipient::text, true);
end $$;
