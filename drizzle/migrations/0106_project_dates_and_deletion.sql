-- Up Migration
-- Projects get days, a manager, a budget in minor units of its currency, a full-text search, and a deletion that can be undone. As for requests, a policy
-- hides deleted projects, so that no statement has to leave them out.
alter table vendors.projects
  add column starts_on date,
  add column ends_on date,
  -- For sorting: `infinity` without a day.
  add column starts_order date not null generated always as (coalesce(starts_on, 'infinity'::date)) stored,
  add column ends_order date not null generated always as (coalesce(ends_on, 'infinity'::date)) stored,
  add column manager_id uuid,
  add column budget_amount bigint,
  add column is_deleted boolean not null default false,
  add column deleted_at timestamptz,
  add column deleted_by uuid,
  add constraint projects_manager_fkey foreign key (tenant_id, manager_id) references identity.users (tenant_id, id),
  add constraint projects_days_check check (ends_on >= starts_on),
  add constraint projects_deleted_check check (num_nonnulls(deleted_at, deleted_by) = case when is_deleted then 2 else 0 end);

-- The owner sees rows only while the force is lifted.
alter table vendors.projects no force row level security;
alter table app.search_words no force row level security;
-- Currencies without two decimal places.
update vendors.projects set budget_amount = round(budget * case
    when currency in ('AFN', 'ALL', 'BIF', 'CLP', 'DJF', 'GNF', 'IQD', 'IRR', 'ISK', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'MGA', 'MMK', 'PYG', 'RSD', 'RWF',
      'SLL', 'SOS', 'SYP', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER') then 1
    when currency in ('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 1000
    else 100 end)
  where budget is not null;
insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
  select p.tenant_id, 'project', p.id, p.id, 'PUBLIC', w.word
    from vendors.projects p,
         lateral (select n.word from app.searchable_words(concat_ws(' ', p.code, p.name, p.description)) as n(word) order by n.word collate "C" limit 1000) w;
alter table app.search_words force row level security;
alter table vendors.projects force row level security;

alter table vendors.projects
  drop column budget,
  add constraint projects_budget_check check (budget_amount >= 0 and (budget_amount is null) = (currency is null)),
  drop constraint projects_code_key;
create unique index projects_code_key on vendors.projects (tenant_id, code) where not is_deleted;
drop index vendors.projects_by_age, vendors.projects_by_name;
create index projects_by_age on vendors.projects (tenant_id, created_at, id) include (is_deleted);
create index projects_by_name on vendors.projects (tenant_id, name, id) include (is_deleted);
create index projects_by_start on vendors.projects (tenant_id, starts_order, id) include (is_deleted);
create index projects_by_end on vendors.projects (tenant_id, ends_order, id) include (is_deleted);
create index projects_by_manager on vendors.projects (tenant_id, manager_id, created_at, id) include (is_deleted) where manager_id is not null;
create index projects_by_deletion on vendors.projects (tenant_id, deleted_at, id) where is_deleted;

-- Makes a new or changed project findable.
create function vendors.index_project() returns trigger language plpgsql as $$
begin
  call app.index_text(new.tenant_id, 'project', new.id, new.id, 'PUBLIC', null, concat_ws(' ', new.code, new.name, new.description));
  return null;
end $$;
-- Keeps app.search_words.
create trigger projects_searchable after insert or update of code, name, description on vendors.projects for each row
  execute function vendors.index_project();

-- Deleted projects are hidden, in every statement, from all users.
create policy shown on vendors.projects as restrictive for all using (not is_deleted or app.shows_deleted());
call app.record_policies('vendors.projects');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["project.delete"]},
  "workflow_manager": {"TENANT": ["project.create", "project.update", "project.delete"]}
}');

-- Down Migration
-- Deleted projects are visible again. Granted permissions stay: roles of tenants may have them by choice.
drop policy shown on vendors.projects;
drop trigger projects_searchable on vendors.projects;
drop function vendors.index_project();
alter table app.search_words no force row level security;
delete from app.search_words where object_type = 'project';
alter table app.search_words force row level security;
drop index vendors.projects_by_deletion, vendors.projects_by_manager, vendors.projects_by_end, vendors.projects_by_start, vendors.projects_by_name,
  vendors.projects_by_age, vendors.projects_code_key;
alter table vendors.projects
  add constraint projects_code_key unique (tenant_id, code),
  add column budget numeric(18, 2);
create index projects_by_age on vendors.projects (tenant_id, created_at, id);
create index projects_by_name on vendors.projects (tenant_id, name, id);
alter table vendors.projects no force row level security;
update vendors.projects set budget = budget_amount::numeric / case
    when currency in ('AFN', 'ALL', 'BIF', 'CLP', 'DJF', 'GNF', 'IQD', 'IRR', 'ISK', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'MGA', 'MMK', 'PYG', 'RSD', 'RWF',
      'SLL', 'SOS', 'SYP', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER') then 1
    when currency in ('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 1000
    else 100 end
  where budget_amount is not null;
alter table vendors.projects force row level security;
alter table vendors.projects
  drop column deleted_by, drop column deleted_at, drop column is_deleted, drop column budget_amount, drop column manager_id,
  drop column ends_order, drop column starts_order, drop column ends_on, drop column starts_on,
  add constraint projects_budget_check check (budget is null or (budget >= 0 and currency is not null));
