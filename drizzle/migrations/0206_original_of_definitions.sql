-- Up Migration

-- The text of an author in the short form, from which the source was translated.
alter table workflows.definitions add column original text;

-- Down Migration

alter table workflows.definitions drop column original;
