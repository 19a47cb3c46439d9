-- Keeps app.search_words.
create or replace trigger assets_labeled after insert or update of tag, serial_number on requests.assets for each row execute function requests.index_labels();
