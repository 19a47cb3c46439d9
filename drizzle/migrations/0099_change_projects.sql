-- Up Migration
-- The permission to change projects, for the built-in role that creates them.
call app.grant_to_built_in_roles('{"admin": {"TENANT": ["project.update"]}}');

-- Down Migration
-- Granted permissions stay: roles of tenants may have them by choice.
select 1;
