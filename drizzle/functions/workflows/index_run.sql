-- requires: app.words
-- Keeps workflows.run_words: the words of the inputs of a run when it starts, and those of the errors of its steps once it has failed. Secret inputs are
-- not among the inputs. The first 200 words are kept, of 20,000 characters at most, so that a large input does not delay the start.
create or replace function workflows.index_run() returns trigger language plpgsql as $$
declare
  given text;
begin
  if tg_op = 'INSERT' then
    select string_agg(left(t.value #>> '{}', 2000), ' ') into given
      from jsonb_path_query(new.inputs, 'strict $.** ? (@.type() == "string")') as t(value);
  else
    select concat_ws(' ', new.ending -> 'error' ->> 'code', new.ending -> 'error' ->> 'message',
                     string_agg(concat_ws(' ', s.error ->> 'code', s.error ->> 'message'), ' ')) into given
      from workflows.run_steps s
     where s.tenant_id = new.tenant_id and s.run_id = new.id and s.status = 'FAILED';
  end if;
  insert into workflows.run_words (tenant_id, run_id, word)
  select distinct new.tenant_id, new.id, left(w.word, 60)
    from (select n.word from app.words(left(given, 20000)) as n(word) limit 200) as w
  on conflict on constraint run_words_pkey do nothing;
  return null;
end $$;
