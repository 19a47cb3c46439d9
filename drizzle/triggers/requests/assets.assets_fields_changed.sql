-- Keeps app.custom_field_values.
create or replace trigger assets_fields_changed after insert or update of fields, type on requests.assets for each row
  execute function app.keep_custom_field_values('ASSET', 'type');
