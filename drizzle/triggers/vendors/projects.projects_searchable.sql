-- Keeps app.search_words.
create or replace trigger projects_searchable after insert or update of code, name, description on vendors.projects for each row
  execute function vendors.index_project();
