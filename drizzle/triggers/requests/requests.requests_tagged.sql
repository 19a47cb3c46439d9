-- Keeps app.search_words.
create or replace trigger requests_tagged after insert on requests.requests for each row when (cardinality(new.tags) > 0)
  execute function requests.index_tags();
