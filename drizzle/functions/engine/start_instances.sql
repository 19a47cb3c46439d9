-- Inserts the instances that start. Parameters: engine.write_rows. Returns their number; null without rows.
create or replace function engine.start_instances(tenant uuid, changes engine.change[], instances jsonb) returns integer strict language plpgsql as $$
#variable_conflict use_variable
declare
  started integer;
begin
  insert into workflows.instances (
    tenant_id, id, definition_id, definition_key, state, status, data, version, subject_type, subject_id, request_type,
    owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, created_at, updated_at, finished_at, closed_at,
    parent_id, parent_state, parent_version, parent_rule, child_index, ancestors, done_by, environment)
  select tenant, c.instance_id, n."definitionId", n."definitionKey", n.state, n.status, n.data, c.version, n."subjectType", n."subjectId", n."requestType",
         n."ownerId", n."teamId", n."assigneeUserId", n."assigneeTeamId", n."assigneeVendorId", c.at, c.at, n."finishedAt", n."closedAt",
         n."parentId", n."parentState", n."parentVersion", n."parentRule", n."childIndex", coalesce(n.ancestors, '{}'), coalesce(n."doneBy", '{}'),
         coalesce(n.environment, 'PROD')
    from jsonb_to_recordset(instances) as n(
      n integer, "definitionId" uuid, "definitionKey" text, state text, status text, data jsonb, "subjectType" text, "subjectId" uuid,
      "requestType" text, "ownerId" uuid, "teamId" uuid, "assigneeUserId" uuid, "assigneeTeamId" uuid, "assigneeVendorId" uuid,
      "finishedAt" timestamptz, "closedAt" timestamptz, "parentId" uuid, "parentState" text, "parentVersion" integer, "parentRule" text,
      "childIndex" integer, ancestors uuid[], "doneBy" jsonb, environment text)
   cross join lateral (select (changes[coalesce(n.n, 1)]).*) as c;
  get diagnostics started = row_count;
  return started;
end $$;
