-- Keeps app.custom_field_values.
create or replace trigger vendors_fields_changed after insert or update of fields on vendors.vendors for each row
  execute function app.keep_custom_field_values('VENDOR');
