-- The text that the hash of a version of a project's scope covers. PostgreSQL's text of a jsonb value is canonical: keys are ordered, numbers exact.
create or replace function vendors.scope_text(project uuid, number integer, content jsonb) returns text language sql immutable parallel safe
  return jsonb_build_object('project', project, 'number', number, 'content', content)::text;
