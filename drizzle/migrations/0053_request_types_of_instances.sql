-- Up Migration
-- Conditions can read the type of the request that an instance belongs to. Its key and the type of a request never change, so the instance keeps the key.

alter table workflows.instances add column request_type text;

-- The owner sees rows only while the force is lifted.
alter table workflows.instances no force row level security;
alter table requests.requests no force row level security;
alter table requests.request_types no force row level security;
update workflows.instances i set request_type = t.key
  from requests.requests r join requests.request_types t on t.tenant_id = r.tenant_id and t.id = r.type_id
 where r.tenant_id = i.tenant_id and r.instance_id = i.id and i.subject_type = 'request';
alter table workflows.instances force row level security;
alter table requests.requests force row level security;
alter table requests.request_types force row level security;

-- Down Migration
alter table workflows.instances drop column request_type;
