-- Up Migration
-- Passwords that an administrator has chosen, which the user replaces at the first login, and the tokens with which they do.
alter table identity.users add column is_password_temporary boolean not null default false;

alter table identity.one_time_tokens
  drop constraint one_time_tokens_purpose_check,
  add constraint one_time_tokens_purpose_check check (purpose in ('INVITATION', 'EMAIL_VERIFICATION', 'PASSWORD_RESET', 'PASSWORD_CHANGE')) not valid;

-- Down Migration
alter table identity.one_time_tokens no force row level security;
delete from identity.one_time_tokens where purpose = 'PASSWORD_CHANGE';
alter table identity.one_time_tokens force row level security;
alter table identity.one_time_tokens
  drop constraint one_time_tokens_purpose_check,
  add constraint one_time_tokens_purpose_check check (purpose in ('INVITATION', 'EMAIL_VERIFICATION', 'PASSWORD_RESET')) not valid;

alter table identity.users drop column is_password_temporary;
