-- Up Migration

-- The transitions that closeRequest and reopenRequest fire; null where a type's definition has none for it.
alter table requests.request_types
  add column close_transition text,
  add column reopen_transition text;

-- What types were created with from now on by default. The policies hold for the owner too, and would hide the rows of before.
alter table requests.request_types no force row level security;
alter table workflows.definitions no force row level security;
update requests.request_types t
   set close_transition = case when d.names ? 'close' then 'close' end,
       reopen_transition = case when d.names ? 'reopen' then 'reopen' end
  from (select distinct on (tenant_id, key) tenant_id, key,
               (select coalesce(jsonb_object_agg(name, true), '{}') from jsonb_each(document->'states') s(state, body),
                       jsonb_object_keys(case when jsonb_typeof(body->'transitions') = 'object' then body->'transitions' else '{}' end) name) as names
          from workflows.definitions where status = 'PUBLISHED' and jsonb_typeof(document->'states') = 'object'
         order by tenant_id, key, number desc) d
 where d.tenant_id = t.tenant_id and d.key = t.definition_key;
alter table workflows.definitions force row level security;
alter table requests.request_types force row level security;

-- Down Migration
alter table requests.request_types drop column close_transition, drop column reopen_transition;
