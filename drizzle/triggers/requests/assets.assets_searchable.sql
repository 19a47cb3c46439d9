-- Keeps app.search_words.
create or replace trigger assets_searchable after insert or update of tag, name, type, serial_number, manufacturer, model on requests.assets for each row
  execute function requests.index_asset();
