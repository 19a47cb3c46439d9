-- Writes the items of an approved change of a project's scope. The caller has locked the project.
-- items { added and changed: [{ id, title, description, acceptanceCriteria }], removed: [id] }
create or replace procedure vendors.apply_scope_items(change vendors.scope_changes, items jsonb) language plpgsql as $$
begin
  insert into vendors.scope_items (tenant_id, id, project_id, title, description, acceptance_criteria, created_by)
  select change.tenant_id, g.id, change.project_id, g.title, g.description, g."acceptanceCriteria", change.created_by
    from jsonb_to_recordset(items -> 'added') as g(id uuid, title text, description text, "acceptanceCriteria" text[]);
  update vendors.scope_items i
     set title = g.title, description = g.description, acceptance_criteria = g."acceptanceCriteria", version = i.version + 1, updated_at = now()
    from jsonb_to_recordset(items -> 'changed') as g(id uuid, title text, description text, "acceptanceCriteria" text[])
   where i.tenant_id = change.tenant_id and i.project_id = change.project_id and i.id = g.id;
  update vendors.scope_items i set removed_at = now(), version = i.version + 1, updated_at = now()
   where i.tenant_id = change.tenant_id and i.project_id = change.project_id and items -> 'removed' ? i.id::text;
end $$;
