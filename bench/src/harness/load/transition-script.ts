import type { Sql } from "@weft/pg-driver";
import { type EngineTenant, instanceId } from "../tenants/engine-tenant.js";

interface Example {
  readonly data: string;
  readonly payload: string;
  readonly related: string;
  readonly before: string;
  readonly after: string;
  readonly request: string;
  readonly type: string;
  readonly action: string;
}

/** The two tenants of a script: values come from the first, and the script writes into the second. */
interface ScriptTenants {
  readonly from: EngineTenant;
  readonly to: EngineTenant;
  /** Number of pgbench's clients. No two of them write to the same instance, as no two workers of Weft do. */
  readonly clients: number;
}

/**
 * Returns a pgbench script of separate statements that writes the same as a transition. The values are those that the engine wrote for a transition
 * in a similar tenant, so both sides write the same bytes to the same tables, under the same policies. This anchor does not read the instance first,
 * makes no decisions, and creates its IDs in the database.
 */
export async function transitionScript(owner: Sql, { from, to, clients }: ScriptTenants): Promise<string> {
  const statements = statementsFor(await exampleOf(owner, from), to, {
    instance: `(${text(instanceId(0).slice(0, -12))} || lpad((:n)::text, 12, '0'))::uuid`,
    reference: (name) => `:${name}`,
    into: () => "\\gset",
  });
  return `${chooseInstance(to, clients)}begin;\n${statements.join("\n")}\nend;\n`;
}

/**
 * Creates a function that makes the writes of `transitionScript`, and returns a pgbench script that calls it: one round trip per transition, and no
 * statement to parse or plan after the first calls.
 */
export async function transitionFunctionScript(owner: Sql, { from, to, clients }: ScriptTenants): Promise<string> {
  const statements = statementsFor(await exampleOf(owner, from), to, {
    instance: `(${text(instanceId(0).slice(0, -12))} || lpad(n::text, 12, '0'))::uuid`,
    reference: (name) => `new_${name}`,
    into: (names) => `into ${names.map((name) => `new_${name}`).join(", ")};`,
  });
  const body = statements.map((statement) => statement.replace(/^select set_config/, "perform set_config")).join("\n");
  await owner.unsafe(`
    create schema if not exists bench;
    create or replace function bench.transition(n integer) returns void language plpgsql as $body$
      declare new_instance uuid; new_version integer; new_state text; new_event uuid; new_entry uuid;
      begin
        ${body}
      end
    $body$;
    grant usage on schema bench to weft_app;
    grant execute on function bench.transition(integer) to weft_app`);
  return `${chooseInstance(to, clients)}select bench.transition(:n);\n`;
}

function chooseInstance({ instanceIds }: EngineTenant, clients: number): string {
  return `\\set n 1 + :client_id + ${clients} * random(0, ${Math.floor(instanceIds.length / clients) - 1})\n`;
}

async function exampleOf(owner: Sql, from: EngineTenant): Promise<Example> {
  const [example] = await owner<Example[]>`
    select i.data::text, e.payload::text, e.related::text, a.before::text, a.after::text, e.request_id as request, e.type, a.action
      from workflows.instances i
      join events.log e on e.tenant_id = i.tenant_id and e.subject_id = i.id and e.subject_version = i.version
      join audit.entries a on a.tenant_id = i.tenant_id and a.entity_id = i.id and (a.after->>'version')::int = i.version
     where i.tenant_id = ${from.tenantId} and i.version > 1 limit 1`;
  if (example === undefined) throw new Error("There is no transition to take the values from.");
  return example;
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** How statements reference the instance and values that earlier statements returned, and how they keep what they return. */
interface Dialect {
  readonly instance: string;
  readonly reference: (name: string) => string;
  readonly into: (names: readonly string[]) => string;
}

function statementsFor(example: Example, to: EngineTenant, { instance, reference, into }: Dialect): string[] {
  const tenant = text(to.tenantId);
  const user = text(to.viewer.userId);
  const [moved, version, state, event, entry] = ["instance", "version", "state", "event", "entry"].map(reference);
  const other = (value: string): string => `case ${value} when 'left' then 'right' else 'left' end`;
  return [
    `select set_config('app.tenant_id', ${tenant}, true), set_config('app.user_id', ${user}, true), set_config('app.vendor_id', '', true);`,
    `update workflows.instances set state = ${other("state")}, status = 'RUNNING', data = ${text(example.data)}, version = version + 1, updated_at = now(), finished_at = null
      where tenant_id = ${tenant} and id = ${instance} and finished_at is null returning id as instance, version as version, state as state ${into(["instance", "version", "state"])}`,
    `insert into workflows.history (tenant_id, id, instance_id, version, kind, transition, from_state, to_state, actor_id, at)
      values (${tenant}, uuidv7(), ${moved}, ${version}, 'TRANSITION', 'swing', ${other(`(${state})::text`)}, ${state}, ${user}, now());`,
    `insert into events.log (tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, request_id, occurred_at)
      values (${tenant}, uuidv7(), ${text(example.type)}, 1, 'instance', ${moved}, ${version}, ${text(example.related)}, ${text(example.payload)}, ${user}, ${text(example.request)}, now())
      returning id as event ${into(["event"])}`,
    `insert into events.outbox (tenant_id, event_id) values (${tenant}, ${event});`,
    `insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, session_id, request_id)
      values (${tenant}, uuidv7(), ${text(example.action)}, 'instance', ${moved}, ${text(example.before)}, ${text(example.after)}, ${user}, ${text(to.viewer.sessionId)}, ${text(example.request)})
      returning id as entry ${into(["entry"])}`,
    `insert into audit.unsealed (tenant_id, entry_id) values (${tenant}, ${entry});`,
  ];
}
