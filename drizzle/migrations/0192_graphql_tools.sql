-- Up Migration
-- Tools of agents that run operations of the API, with the rights that the agent's author has and has given it.

alter table workflows.agents
  -- What its tools can use of the API. Empty: nothing.
  add column permissions text[] not null default '{}',
  -- The user who last changed what it does.
  add column author_id uuid;
alter table workflows.agents no force row level security;
update workflows.agents set author_id = created_by;
alter table workflows.agents force row level security;
alter table workflows.agents
  alter column author_id set not null,
  add constraint agents_author_fkey foreign key (tenant_id, author_id) references identity.users (tenant_id, id);

alter table workflows.step_operations
  -- The authors of the agent that asks, and of those that have asked it, and what it was given. Null: the step itself asks.
  add column author_ids uuid[],
  add column permissions text[],
  add constraint step_operations_author_check check ((author_ids is null) = (permissions is null));

-- Down Migration
alter table workflows.step_operations drop constraint step_operations_author_check, drop column permissions, drop column author_ids;
alter table workflows.agents drop constraint agents_author_fkey, drop column author_id, drop column permissions;
