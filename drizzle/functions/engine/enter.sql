-- Renamed to engine.set_tenant.
drop function if exists engine.enter(uuid);
