-- Renamed to engine.write_one.
drop function if exists engine.move_one(jsonb, jsonb, jsonb);
