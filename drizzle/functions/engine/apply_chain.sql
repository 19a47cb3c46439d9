-- replaces: engine.apply_chain(jsonb, jsonb)
-- Applies several outcomes in order: a transition and the automatic ones that follow. All or nothing: only the first may find another version, and is then
-- returned with applied false. Errors: those of engine.apply.
create or replace function engine.apply_chain(context jsonb, writes jsonb) returns jsonb language plpgsql as $$
declare
  n integer;
  result jsonb;
begin
  for n in 0 .. jsonb_array_length(writes) - 1 loop
    result := engine.apply(context, writes->n);
    if not (result->>'applied')::boolean then
      if n = 0 then
        return result;
      end if;
      raise exception 'engine.apply_chain: write % does not follow', n using errcode = 'WF002';
    end if;
  end loop;
  return result;
end $$;
