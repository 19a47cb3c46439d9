-- Up Migration
-- Who gets a piece of work: rules of a name (`route`), tried in the order of their positions.

create table workflows.routing_rules (
  tenant_id uuid not null,
  id uuid not null,
  route text not null,
  name text not null,
  position integer not null,
  -- CEL; empty: it applies whatever the work is about.
  condition text not null default '',
  -- Only within working hours, only outside of them, or (null) at any time.
  during_working_hours boolean,
  user_ids uuid[] not null default '{}',
  team_ids uuid[] not null default '{}',
  roles text[] not null default '{}',
  skill text,
  choice text not null,
  is_active boolean not null default true,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint routing_rules_pkey primary key (tenant_id, id),
  constraint routing_rules_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint routing_rules_choice_check check (choice in ('EVERYBODY', 'ROUND_ROBIN', 'LEAST_BUSY')),
  constraint routing_rules_target_check check (cardinality(user_ids) + cardinality(team_ids) + cardinality(roles) > 0)
);
create index routing_rules_by_route on workflows.routing_rules (tenant_id, route, position, id);
call app.protect('workflows.routing_rules');

-- Whose turn it was last.
create table workflows.routing_turns (
  tenant_id uuid not null,
  rule_id uuid not null,
  user_id uuid not null,
  constraint routing_turns_pkey primary key (tenant_id, rule_id),
  constraint routing_turns_rule_fkey foreign key (tenant_id, rule_id) references workflows.routing_rules (tenant_id, id) on delete cascade
);
-- The move of a vendor's user may be what opens routed work.
call app.protect('workflows.routing_turns');

create table workflows.user_skills (
  tenant_id uuid not null,
  user_id uuid not null,
  skill text not null,
  constraint user_skills_pkey primary key (tenant_id, user_id, skill),
  constraint user_skills_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint user_skills_skill_check check (length(skill) between 1 and 40)
);
create index user_skills_by_skill on workflows.user_skills (tenant_id, skill, user_id);
call app.protect('workflows.user_skills');

alter table requests.request_types
  -- The routing rules that choose who gets a request when it is submitted; null: nobody is chosen.
  add column route text;

-- Down Migration
alter table requests.request_types drop column route;
drop table workflows.user_skills, workflows.routing_turns, workflows.routing_rules;
