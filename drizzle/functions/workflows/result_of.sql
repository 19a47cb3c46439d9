-- Returns how an instance ended: COMPLETED, REJECTED or CANCELLED, as its state's `final` says. RUNNING if it has not ended.
create or replace function workflows.result_of(instance uuid) returns text language sql stable as $$
  select case
      when i.status = 'CANCELLED' then 'CANCELLED'
      when i.status <> 'COMPLETED' then 'RUNNING'
      when d.document #>> array['states', i.state, 'final'] = 'rejected' then 'REJECTED'
      else 'COMPLETED'
    end
    from workflows.instances i
    join workflows.definitions d on d.tenant_id = i.tenant_id and d.id = i.definition_id
   where i.tenant_id = app.tenant() and i.id = instance
$$;
