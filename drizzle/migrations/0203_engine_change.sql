-- Up Migration

-- A change of an instance, to which the rows that engine.apply and engine.apply_batch write belong. `version`: of the instance after it.
create type engine.change as (
  instance_id uuid,
  version integer,
  at timestamptz,
  actor_id uuid,
  on_behalf_of uuid,
  session_id uuid,
  request_id text,
  trace_id text,
  address text
);

-- Down Migration

drop type engine.change;
