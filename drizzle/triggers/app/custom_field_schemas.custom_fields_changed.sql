-- Keeps app.custom_field_values when other fields are indexed.
create or replace trigger custom_fields_changed after insert or update of indexed on app.custom_field_schemas for each row
  execute function app.reindex_custom_fields();
