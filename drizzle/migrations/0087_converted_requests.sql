-- Up Migration
-- Requests can be converted to another type: another instance takes the place of theirs. The former one is cancelled and belongs to no request any more.
create table requests.former_instances (
  tenant_id uuid not null,
  instance_id uuid not null,
  request_id uuid not null,
  -- Type of the request until then.
  type_id uuid not null,
  actor_id uuid not null,
  on_behalf_of uuid,
  -- Creation time of the request, and so of the instance that took its place.
  created_at timestamptz not null,
  converted_at timestamptz not null,
  constraint former_instances_pkey primary key (tenant_id, instance_id),
  constraint former_instances_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint former_instances_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint former_instances_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id)
);
create index former_instances_by_request on requests.former_instances (tenant_id, request_id, converted_at);
create index former_instances_by_time on requests.former_instances (tenant_id, converted_at);
-- A conversion ends what the vendor sees of a request.
call app.protect('requests.former_instances');

-- Down Migration
drop table requests.former_instances;
