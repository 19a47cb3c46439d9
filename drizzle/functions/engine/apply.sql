-- Writes one transition or start, and counts its usage. Counting comes last, so that usage slots are held for the shortest time.
-- Arguments, result and errors: engine.write_outcome; also WF010, as app.meter.
create or replace function engine.apply(context jsonb, outcome jsonb) returns jsonb language plpgsql as $$
declare
  result jsonb := engine.write_outcome(context, outcome);
  is_start constant boolean := outcome->>'expectedVersion' is null;
  is_finished constant boolean := outcome->'instance'->>'finishedAt' is not null;
begin
  if (result->>'applied')::boolean then
    if is_start then
      perform app.meter_start(not is_finished, context);
    elsif is_finished then
      perform app.meter('runningInstances', -1, context);
    end if;
  end if;
  return result;
end $$;
