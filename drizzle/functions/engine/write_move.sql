-- Renamed to engine.write_outcome.
drop function if exists engine.write_move(jsonb, jsonb);
