-- Up Migration
-- Few of the words are tags, but the most frequent tags are among the most frequent words. Without these statistics, the planner takes the two for independent,
-- expects a tenth of the requests that have a frequent tag, and collects and sorts them all for each page.
create statistics app.search_words_types (mcv) on object_type, word from app.search_words;
alter statistics app.search_words_types set statistics 500;
analyze app.search_words;

-- Down Migration
drop statistics app.search_words_types;
