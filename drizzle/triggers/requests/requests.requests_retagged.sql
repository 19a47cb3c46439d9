-- Keeps app.search_words.
create or replace trigger requests_retagged after update of tags on requests.requests for each row when (old.tags is distinct from new.tags)
  execute function requests.index_tags();
