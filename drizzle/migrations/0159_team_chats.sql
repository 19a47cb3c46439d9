-- Up Migration
-- Chats of teams: a destination belongs to a user or to a team. Rules send to chats of teams what they send to no user.

alter table audit.notification_destinations
  add column team_id uuid,
  alter column user_id drop not null,
  drop constraint notification_destinations_address_key,
  add constraint notification_destinations_address_key unique nulls not distinct (tenant_id, user_id, team_id, channel, address_hash),
  add constraint notification_destinations_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id),
  add constraint notification_destinations_owner_check check (num_nonnulls(user_id, team_id) = 1 and (team_id is null or channel = 'CHAT'));
create index notification_destinations_by_team on audit.notification_destinations (tenant_id, team_id) where team_id is not null;

alter table audit.notification_deliveries
  -- The team whose chat gets it, instead of a user.
  add column team_id uuid,
  -- Of deliveries to teams: the rule, and what it says about the event. Users have notifications instead.
  add column rule_id uuid,
  add column title text,
  add column body text,
  alter column user_id drop not null,
  alter column notification_id drop not null,
  drop constraint notification_deliveries_event_key,
  -- At most one message per user, channel, destination and event; of a team, one for each rule.
  add constraint notification_deliveries_event_key unique nulls not distinct (tenant_id, user_id, channel, event_id, destination_id, rule_id),
  add constraint notification_deliveries_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id),
  add constraint notification_deliveries_receiver_check check (
    case when team_id is null then num_nonnulls(user_id, notification_id) = 2 and num_nonnulls(rule_id, title, body) = 0
      else num_nonnulls(user_id, notification_id) = 0 and num_nonnulls(rule_id, title, body) = 3 and channel = 'CHAT' end);
create index notification_deliveries_by_team on audit.notification_deliveries (tenant_id, team_id, created_at, id) where team_id is not null;

-- Down Migration
alter table audit.notification_rules no force row level security;
alter table audit.notification_deliveries no force row level security;
alter table audit.notification_destinations no force row level security;
update audit.notification_rules r set status = 'PAUSED', recipients = kept.recipients from (
    select tenant_id, id, coalesce(jsonb_agg(one) filter (where one->>'type' not in ('TEAM_CHATS', 'CHAT')), '[]') as recipients
      from audit.notification_rules cross join lateral jsonb_array_elements(recipients) one group by tenant_id, id) kept
  where r.tenant_id = kept.tenant_id and r.id = kept.id and r.recipients <> kept.recipients;
delete from audit.notification_deliveries where team_id is not null;
drop index audit.notification_deliveries_by_team;
alter table audit.notification_deliveries
  drop constraint notification_deliveries_receiver_check,
  drop constraint notification_deliveries_event_key,
  drop column team_id,
  drop column rule_id,
  drop column title,
  drop column body,
  alter column user_id set not null,
  alter column notification_id set not null,
  add constraint notification_deliveries_event_key unique nulls not distinct (tenant_id, user_id, channel, event_id, destination_id);
delete from audit.notification_destinations where team_id is not null;
drop index audit.notification_destinations_by_team;
alter table audit.notification_destinations
  drop constraint notification_destinations_owner_check,
  drop constraint notification_destinations_address_key,
  drop column team_id,
  alter column user_id set not null,
  add constraint notification_destinations_address_key unique (tenant_id, user_id, channel, address_hash);
alter table audit.notification_rules force row level security;
alter table audit.notification_deliveries force row level security;
alter table audit.notification_destinations force row level security;
