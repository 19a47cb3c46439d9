-- Up Migration
-- Agents: language models that do steps of runs, their providers, and every call of a model or tool.

create table workflows.model_providers (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  kind text not null,
  base_url text not null,
  -- Name of the secret that contains its API key. Null: none is sent.
  secret text,
  -- By model: millionths of a US dollar for a million tokens.
  prices jsonb not null default '{}',
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint model_providers_pkey primary key (tenant_id, id),
  constraint model_providers_key_key unique (tenant_id, key),
  constraint model_providers_kind_check check (kind in ('OPENAI_COMPATIBLE', 'ANTHROPIC')),
  constraint model_providers_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
call app.protect('workflows.model_providers');

create table workflows.agents (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  provider_id uuid not null,
  model text not null,
  instructions text not null,
  output_schema jsonb,
  tools jsonb not null default '[]',
  limits jsonb not null,
  status text not null default 'ACTIVE',
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agents_pkey primary key (tenant_id, id),
  constraint agents_key_key unique (tenant_id, key),
  constraint agents_status_check check (status in ('ACTIVE', 'INACTIVE')),
  constraint agents_provider_fkey foreign key (tenant_id, provider_id) references workflows.model_providers (tenant_id, id),
  constraint agents_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
create index agents_by_provider on workflows.agents (tenant_id, provider_id);
call app.protect('workflows.agents');

-- The work of an agent for a step, or for a tool call of another agent.
create table workflows.agent_sessions (
  tenant_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  -- ID of the step in the run, and whether the agent undoes it.
  step text not null,
  is_compensation boolean not null,
  -- The tool call that it answers.
  parent_id uuid,
  depth integer not null,
  definition_id uuid not null,
  agent_id uuid not null,
  agent_key text not null,
  agent_version integer not null,
  -- The agent and its provider as they were when the work began.
  agent jsonb not null,
  prompt text not null,
  -- What the usage of the run contains of the step. Of the sessions without a parent only.
  counted jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  constraint agent_sessions_pkey primary key (tenant_id, id),
  constraint agent_sessions_work_key unique nulls not distinct (tenant_id, run_id, step, is_compensation, parent_id),
  constraint agent_sessions_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade
);
call app.protect('workflows.agent_sessions');

create table workflows.agent_calls (
  tenant_id uuid not null,
  id uuid not null,
  session_id uuid not null,
  -- From 1.
  turn integer not null,
  status text not null default 'BEGUN',
  agent_id uuid not null,
  model text not null,
  -- SHA-256 of the request.
  request_hash text not null,
  response jsonb,
  tokens_in integer,
  tokens_out integer,
  -- Whether the provider did not say how many tokens there were.
  is_estimated boolean not null default false,
  -- Millionths of a US dollar. Null: the price is unknown.
  cost_micros bigint,
  -- What it can cost at most.
  reserved_micros bigint,
  error jsonb,
  duration_ms integer,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint agent_calls_pkey primary key (tenant_id, id),
  constraint agent_calls_status_check check (status in ('BEGUN', 'ANSWERED', 'FAILED', 'LOST')),
  constraint agent_calls_session_fkey foreign key (tenant_id, session_id) references workflows.agent_sessions (tenant_id, id) on delete cascade
);
-- A turn is being asked, or was answered, once.
create unique index agent_calls_turn_key on workflows.agent_calls (tenant_id, session_id, turn) where status in ('BEGUN', 'ANSWERED');
create index agent_calls_by_session on workflows.agent_calls (tenant_id, session_id, turn);
create index agent_calls_by_time on workflows.agent_calls (tenant_id, started_at) include (cost_micros);
call app.protect('workflows.agent_calls');

create table workflows.agent_tool_calls (
  tenant_id uuid not null,
  id uuid not null,
  session_id uuid not null,
  call_id uuid not null,
  -- Order in the answer of the model.
  position integer not null,
  -- ID that the model gave it.
  model_call_id text not null,
  tool text not null,
  arguments jsonb not null,
  status text not null,
  -- Roles whose users decide whether it is done. Empty: nobody has to.
  approval_roles text[] not null default '{}',
  -- Until when somebody can decide.
  expires_at timestamptz,
  decided_by uuid,
  decided_at timestamptz,
  reason text,
  result jsonb,
  duration_ms integer,
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint agent_tool_calls_pkey primary key (tenant_id, id),
  constraint agent_tool_calls_status_check check (status in ('PENDING', 'AWAITING_APPROVAL', 'APPROVED', 'REFUSED', 'SUCCEEDED', 'FAILED')),
  constraint agent_tool_calls_call_fkey foreign key (tenant_id, call_id) references workflows.agent_calls (tenant_id, id) on delete cascade,
  constraint agent_tool_calls_decider_fkey foreign key (tenant_id, decided_by) references identity.users (tenant_id, id)
);
create index agent_tool_calls_by_call on workflows.agent_tool_calls (tenant_id, call_id, position);
create index agent_tool_calls_by_session on workflows.agent_tool_calls (tenant_id, session_id);
create index agent_tool_calls_awaiting on workflows.agent_tool_calls (tenant_id, id) where status = 'AWAITING_APPROVAL';
call app.protect('workflows.agent_tool_calls');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["agent.read", "agent.manage"]}}');

-- Down Migration
drop table workflows.agent_tool_calls;
drop table workflows.agent_calls;
drop table workflows.agent_sessions;
drop table workflows.agents;
drop table workflows.model_providers;
