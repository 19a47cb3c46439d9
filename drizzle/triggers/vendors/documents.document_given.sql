create or replace trigger document_given after insert on vendors.documents for each row
  execute function vendors.give_document();
