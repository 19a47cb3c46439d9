-- Up Migration
-- Links with which users reset their password.

alter table identity.one_time_tokens
  drop constraint one_time_tokens_purpose_check,
  add constraint one_time_tokens_purpose_check check (purpose in ('INVITATION', 'EMAIL_VERIFICATION', 'PASSWORD_RESET')) not valid;

-- Down Migration
delete from identity.one_time_tokens where purpose = 'PASSWORD_RESET';
alter table identity.one_time_tokens
  drop constraint one_time_tokens_purpose_check,
  add constraint one_time_tokens_purpose_check check (purpose in ('INVITATION', 'EMAIL_VERIFICATION'));
