/**
 * Operations of this API that steps of runs ask a gateway to run, because only a gateway can. Rows carry them, messages only say that there are some: no
 * token exists that somebody could steal or use again, and a lost message, a gateway that dies and several gateways do no harm.
 */
import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import { newId } from "../ids/uuid-v7.js";

/** Time for which a gateway has claimed an operation. It is longer than an operation can take. */
const LEASE_SECONDS = 60;
/** Age after which an operation is no longer begun: nobody waits for it. */
const MAX_AGE_SECONDS = 300;

export interface StepOperation {
  readonly id: string;
  readonly runId: string;
  readonly step: string;
  /** The owner of the instance. Null: there is none. */
  readonly userId: string | null;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** For the inputs of mutations that have one. */
  readonly idempotencyKey: string;
}

export type StepOperationResult =
  | { readonly ok: true; readonly data: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly isFinal: boolean };

/** Asks for an operation with the rights of the instance's owner. Forgets those that nobody waits for. Returns its UUID. */
export async function askStepOperation(tx: Tx, asked: Omit<StepOperation, "id" | "userId">): Promise<string> {
  const id = newId();
  await tx.execute(
    named(
      "askStepOperation",
      sql`with forgotten as (
        delete from workflows.step_operations o
         where o.tenant_id = app.tenant() and o.created_at < now() - make_interval(secs => 2 * ${MAX_AGE_SECONDS}::int)
      )
      insert into workflows.step_operations (tenant_id, id, run_id, step, user_id, query, variables, idempotency_key)
      select app.tenant(), ${id}::uuid, r.id, ${asked.step}, i.owner_id, ${asked.query}, ${JSON.stringify(asked.variables)}::text::jsonb, ${asked.idempotencyKey}
        from workflows.runs r join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
       where r.tenant_id = app.tenant() and r.id = ${asked.runId}::uuid`,
    ),
  );
  return id;
}

/** Claims operations of the tenant that wait for a gateway, oldest first. */
export async function claimStepOperations(tx: Tx, limit: number): Promise<StepOperation[]> {
  const rows = await tx.execute<{
    id: string;
    run_id: string;
    step: string;
    user_id: string | null;
    query: string;
    variables: Record<string, unknown>;
    idempotency_key: string;
  }>(
    named(
      "claimStepOperations",
      sql`with waiting as (
        select o.id from workflows.step_operations o
         where o.tenant_id = app.tenant() and o.result is null and coalesce(o.claimed_until < now(), true)
           and o.created_at > now() - make_interval(secs => ${MAX_AGE_SECONDS}::int)
         order by o.created_at, o.id limit ${limit}::int for update skip locked
      )
      update workflows.step_operations o set claimed_until = now() + make_interval(secs => ${LEASE_SECONDS}::int) from waiting w
       where o.tenant_id = app.tenant() and o.id = w.id
      returning o.id, o.run_id, o.step, o.user_id, o.query, o.variables, o.idempotency_key`,
    ),
  );
  return rows.map(({ id, run_id: runId, step, user_id: userId, query, variables, idempotency_key: idempotencyKey }) => ({
    id,
    runId,
    step,
    userId,
    query,
    variables,
    idempotencyKey,
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
