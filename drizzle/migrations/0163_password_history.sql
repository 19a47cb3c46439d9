-- Up Migration
-- Earlier passwords of users, which a new one must not repeat (security.passwordHistory), and which users still have an imported hash.

create table identity.password_history (
  tenant_id uuid not null,
  user_id uuid not null,
  id uuid not null,
  password_hash text not null,
  -- When another password replaced it.
  created_at timestamptz not null default now(),
  constraint password_history_pkey primary key (tenant_id, user_id, id),
  constraint password_history_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id) on delete cascade
);
call app.protect('identity.password_history');

-- Every login asks whether this installation has imported hashes, in any tenant. Usually there are none.
create index users_with_bcrypt on identity.users (tenant_id) where password_hash like '$2%';

-- Down Migration
drop index identity.users_with_bcrypt;
drop table identity.password_history;
