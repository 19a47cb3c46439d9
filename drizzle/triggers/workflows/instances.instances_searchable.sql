-- Keeps app.search_words when fields of a request change. Transitions that change none only pay for the condition.
create or replace trigger instances_searchable after update of data on workflows.instances for each row
  when (new.subject_type = 'request' and old.data is distinct from new.data)
  execute function requests.index_fields();
