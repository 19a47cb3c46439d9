-- Keeps app.search_words.
create or replace trigger requests_numbered after insert or update of number on requests.requests for each row execute function requests.index_number();
