-- Keeps app.custom_field_values.
create or replace trigger buildings_fields_changed after insert or update of fields on requests.buildings for each row
  execute function app.keep_custom_field_values('BUILDING');
