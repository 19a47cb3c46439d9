/**
 * Operations of this API that steps of runs ask a gateway to run, because only a gateway can. Rows carry them, messages only say that there are some: no
 * token exists that somebody could steal or use again, and a lost message, a gateway that dies and several gateways do no harm.
 */
import { sql } from "drizzle-orm";
import { named, type Tx } from "@weft/platform/db";
import { newId } from "@weft/shared/ids";

/** Time for which a gateway has claimed an operation. It is longer than an operation can take. */
const LEASE_SECONDS = 60;
/** Age after which an operation is no longer begun: nobody waits for it. */
const MAX_AGE_SECONDS = 300;
/** More than instances can be nested. */
const MAX_DEPTH = 100;

export interface StepOperation {
  readonly id: string;
  readonly runId: string;
  readonly step: string;
  /** The owner of the instance. Null: there is none. */
  readonly userId: string | null;
  /** The user who has published the version of the definition. Null: nobody has. */
  readonly publisherId: string | null;
  /** Sessions, or API keys in their place, with which the instance and those above it were started and changed. */
  readonly sessionIds: readonly string[];
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** For the inputs of mutations that have one. */
  readonly idempotencyKey: string;
  /** The event with which the instance entered the state of the run. Null: it is no longer stored. */
  readonly causeId: string | null;
  /** What an agent has of these rights. Null: the step itself asks, and has all of them. */
  readonly agent: AgentRights | null;
  /** Another gateway has begun it, and nobody knows how far it has come. */
  readonly wasBegun: boolean;
}

/** The rights of an agent. */
export interface AgentRights {
  /** The users who have last changed what the agent does, and what the agents do that have asked it. */
  readonly authorIds: readonly string[];
  /** What its tools can use. */
  readonly permissions: readonly string[];
}

export type StepOperationResult =
  | { readonly ok: true; readonly data: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly isFinal: boolean };

/** What an attempt of a step asks for. */
export type AskedOperation = Pick<StepOperation, "runId" | "step" | "query" | "variables" | "idempotencyKey" | "agent"> & {
  /** Proves that the attempt has the step. */
  readonly leaseToken: string;
};

/**
 * Asks for an operation with the rights of the instance's owner. Forgets what earlier attempts of the step have asked for, and what nobody waits for.
 * Returns its UUID.
 */
export async function askStepOperation(tx: Tx, asked: AskedOperation): Promise<string> {
  const id = newId();
  await tx.execute(
    named(
      "askStepOperation",
      sql`with forgotten as (
        delete from workflows.step_operations o
         where o.tenant_id = app.tenant()
           and (o.created_at < now() - make_interval(secs => 2 * ${MAX_AGE_SECONDS}::int) or (o.run_id = ${asked.runId}::uuid and o.step = ${asked.step}))
      )
      insert into workflows.step_operations (tenant_id, id, run_id, step, lease_token, user_id, query, variables, idempotency_key, author_ids, permissions)
      select app.tenant(), ${id}::uuid, r.id, ${asked.step}, ${asked.leaseToken}::uuid, i.owner_id, ${asked.query}, ${JSON.stringify(asked.variables)}::text::jsonb, ${asked.idempotencyKey},
             ${asked.agent === null ? null : sql.param([...asked.agent.authorIds])}::uuid[], ${asked.agent === null ? null : sql.param([...asked.agent.permissions])}::text[]
        from workflows.runs r join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
       where r.tenant_id = app.tenant() and r.id = ${asked.runId}::uuid`,
    ),
  );
  return id;
}

/**
 * Claims operations of the tenant that wait for a gateway, oldest first. Only those of attempts that still have their step in a run that goes on. The
 * audit trail, which nobody can change, says who has started and moved an instance.
 */
export async function claimStepOperations(tx: Tx, limit: number): Promise<StepOperation[]> {
  const rows = await tx.execute<
    Omit<StepOperation, "agent"> & { readonly authorIds: readonly string[] | null; readonly permissions: readonly string[] | null }
  >(
    named(
      "claimStepOperations",
      sql`with waiting as (
        select o.id, o.claimed_until is not null as was_begun, r.instance_id, r.instance_version, r.definition_id from workflows.step_operations o
          join workflows.runs r on r.tenant_id = o.tenant_id and r.id = o.run_id
          join workflows.run_steps s on s.tenant_id = o.tenant_id and s.run_id = o.run_id and s.step = o.step
         where o.tenant_id = app.tenant() and o.result is null and coalesce(o.claimed_until < now(), true)
           and o.created_at > now() - make_interval(secs => ${MAX_AGE_SECONDS}::int)
           and s.lease_token = o.lease_token and r.status in ('RUNNING', 'PAUSED', 'COMPENSATING')
         order by o.created_at, o.id limit ${limit}::int for update of o skip locked
      )
      update workflows.step_operations o set claimed_until = now() + make_interval(secs => ${LEASE_SECONDS}::int) from waiting w
       where o.tenant_id = app.tenant() and o.id = w.id
      returning o.id, o.run_id as "runId", o.step, o.user_id as "userId", o.query, o.variables, o.idempotency_key as "idempotencyKey",
        o.author_ids as "authorIds", o.permissions, w.was_begun as "wasBegun",
        (select d.published_by from workflows.definitions d where d.tenant_id = app.tenant() and d.id = w.definition_id) as "publisherId",
        (select c from workflows.cause_of_run(w.instance_id, w.instance_version) c) as "causeId",
        array(
          with recursive above (id, parent_id, depth) as (
            select i.id, i.parent_id, 1 from workflows.instances i where i.tenant_id = app.tenant() and i.id = w.instance_id
            union all
            select p.id, p.parent_id, a.depth + 1 from above a
              join workflows.instances p on p.tenant_id = app.tenant() and p.id = a.parent_id
             where a.depth < ${MAX_DEPTH}::int
          )
          select distinct e.session_id from above a join audit.entries e on e.tenant_id = app.tenant() and e.entity_id = a.id
           where e.session_id is not null
        ) as "sessionIds"`,
    ),
  );
  return rows.map(({ authorIds, permissions, ...operation }) => ({
    ...operation,
    agent: authorIds === null ? null : { authorIds, permissions: permissions ?? [] },
  }));
}

/** Records what an operation has come to, unless its step no longer waits or it has a result. */
export async function writeStepResult(tx: Tx, id: string, result: StepOperationResult): Promise<void> {
  await tx.execute(
    named(
      "writeStepResult",
      sql`update workflows.step_operations o set result = ${JSON.stringify(result)}::text::jsonb
       where o.tenant_id = app.tenant() and o.id = ${id}::uuid and o.result is null`,
    ),
  );
}

/** Returns the result of an operation. Null: it has none yet. */
export async function readStepResult(tx: Tx, id: string): Promise<StepOperationResult | null> {
  const [row] = await tx.execute<{ result: StepOperationResult | null }>(
    named("readStepResult", sql`select o.result from workflows.step_operations o where o.tenant_id = app.tenant() and o.id = ${id}::uuid`),
  );
  return row?.result ?? null;
}

/** Forgets an operation. If no gateway has claimed it, it never runs. */
export async function dropStepOperation(tx: Tx, id: string): Promise<void> {
  await tx.execute(
    named("dropStepOperation", sql`delete from workflows.step_operations o where o.tenant_id = app.tenant() and o.id = ${id}::uuid`),
  );
}
