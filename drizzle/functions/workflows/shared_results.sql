-- Statuses and outputs of what the transaction's tenant has started in the tenants of owners, by the IDs of the uses. Nothing of owners that are not active.
-- After a revocation, only that a run was canceled. Reads the rows of each owner as this owner, in one statement, as `shared_interfaces` does.
create or replace function workflows.shared_results(uses uuid[]) returns table (use_id uuid, status text, outputs jsonb, finished_at timestamptz) language plpgsql as $$
declare
  recipient uuid := app.tenant();
  started record;
begin
  for started in
    select s.partner_id, array_agg(u.id) as ids
      from workflows.definition_share_uses u
      join workflows.definition_shares s on s.tenant_id = u.tenant_id and s.id = u.share_id
     where u.tenant_id = recipient and u.id = any(uses) and u.side = 'RECIPIENT' and u.mode = 'START' group by s.partner_id
  loop
    perform set_config('app.tenant_id', started.partner_id::text, true);
    return query
      select u.id, r.status, case when s.status <> 'REVOKED' then r.outputs end, r.finished_at
        from workflows.definition_share_uses u
        join workflows.definition_shares s on s.tenant_id = u.tenant_id and s.id = u.share_id and s.side = 'OWNER'
         and s.partner_id = recipient
        join identity.tenants t on t.tenant_id = u.tenant_id and t.status = 'ACTIVE'
        join lateral (
          select n.status, n.outputs, n.finished_at from workflows.runs n
           where n.tenant_id = u.tenant_id and n.instance_id = u.instance_id order by n.id desc limit 1) r on true
       where u.tenant_id = started.partner_id and u.id = any(started.ids) and u.side = 'OWNER'
         and (s.status <> 'REVOKED' or r.status = 'CANCELLED');
  end loop;
  perform set_config('app.tenant_id', recipient::text, true);
end $$;
