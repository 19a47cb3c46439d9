-- Up Migration
-- Definitions that tenants share with other tenants. Each of the two tenants has a row with the same ID, so row-level security stays as it is. The row
-- of the owner decides; it is locked before the other one.

create table workflows.definition_shares (
  tenant_id uuid not null,
  id uuid not null,
  -- Which of the two tenants the row belongs to.
  side text not null,
  -- The tenant on the other side. Null: the offer was made to a slug that no tenant has. It is never shown.
  partner_id uuid,
  partner_slug text not null,
  -- Null: the recipient has not accepted yet.
  partner_name text,
  definition_key text not null,
  definition_name text not null,
  mode text not null,
  status text not null default 'OFFERED',
  message text not null default '',
  max_starts_per_hour integer,
  expires_at timestamptz not null,
  -- The user of the owner with whose rights the definition is started. It is never shown to the recipient.
  sponsor_id uuid not null,
  -- Users of the row's tenant. Null: a user of the other one did it.
  answered_by uuid,
  answered_at timestamptz,
  revoked_by uuid,
  revoked_at timestamptz,
  -- When a refused start was last recorded, in the owner's row only.
  refused_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint definition_shares_pkey primary key (tenant_id, id),
  constraint definition_shares_side_check check (side in ('OWNER', 'RECIPIENT')),
  constraint definition_shares_mode_check check (mode in ('COPY', 'START')),
  constraint definition_shares_status_check check (status in ('OFFERED', 'ACCEPTED', 'DECLINED', 'REVOKED', 'EXPIRED')),
  constraint definition_shares_limit_check check (mode = 'START' or max_starts_per_hour is null)
);
-- A definition is shared with a tenant once in each mode.
create unique index definition_shares_open_key on workflows.definition_shares (tenant_id, definition_key, partner_slug, mode)
  where side = 'OWNER' and status in ('OFFERED', 'ACCEPTED');
create index definition_shares_by_time on workflows.definition_shares (tenant_id, created_at, id);
create index definition_shares_by_partner on workflows.definition_shares (partner_id);
call app.protect('workflows.definition_shares');

-- Every use of a share, in both tenants with the same ID.
create table workflows.definition_share_uses (
  tenant_id uuid not null,
  id uuid not null,
  share_id uuid not null,
  side text not null,
  mode text not null,
  partner_name text not null,
  -- The recipient's user, in the recipient's row only.
  used_by uuid,
  -- What was started, in the owner's row only.
  instance_id uuid,
  -- The draft, in the recipient's row only.
  definition_id uuid,
  -- Number of the owner's version.
  definition_number integer not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint definition_share_uses_pkey primary key (tenant_id, id),
  constraint definition_share_uses_side_check check (side in ('OWNER', 'RECIPIENT')),
  constraint definition_share_uses_mode_check check (mode in ('COPY', 'START')),
  constraint definition_share_uses_share_fkey foreign key (tenant_id, share_id) references workflows.definition_shares (tenant_id, id) on delete cascade
);
create index definition_share_uses_by_share on workflows.definition_share_uses (tenant_id, share_id, created_at);
create index definition_share_uses_by_time on workflows.definition_share_uses (tenant_id, created_at, id) where side = 'RECIPIENT' and mode = 'START';
create index definition_share_uses_by_instance on workflows.definition_share_uses (tenant_id, instance_id) where instance_id is not null;
create index definition_share_uses_by_definition on workflows.definition_share_uses (tenant_id, definition_id) where definition_id is not null;
call app.protect('workflows.definition_share_uses');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["definitionShare.read", "definitionShare.manage", "definitionShare.use"]},
  "workflow_manager": {"TENANT": ["definitionShare.read", "definitionShare.use"]}}');

-- Down Migration
drop table workflows.definition_share_uses;
drop table workflows.definition_shares;
