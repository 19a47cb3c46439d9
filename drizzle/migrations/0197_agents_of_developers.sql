-- Up Migration
-- Developers create and manage agents, as they do workflows. Operators see which agents the workflows use.
call app.grant_to_built_in_roles('{
  "developer": {"TENANT": ["agent.read", "agent.manage"]},
  "operator": {"TENANT": ["agent.read"]}
}');

-- Down Migration
-- Granted permissions stay: roles of tenants may have them by choice.
