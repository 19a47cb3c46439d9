-- Keeps app.custom_field_values.
create or replace trigger projects_fields_changed after insert or update of fields on vendors.projects for each row
  execute function app.keep_custom_field_values('PROJECT');
