-- Keeps app.search_words. The number of a request never changes.
create or replace trigger requests_searchable after insert on requests.requests for each row execute function requests.index_request();
