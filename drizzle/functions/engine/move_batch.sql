-- Renamed to engine.write_batch.
drop function if exists engine.move_batch(uuid, uuid[], integer[], jsonb);
