/**
 * Fires a transition in two statements, each in its own transaction: two round trips, where a transaction around them takes four. For callers that
 * write nothing else with the transition, and for measuring the cost of the engine.
 */
import { NotFound, encodeId, isRetryable, type Tx, type WriteMeta } from "@weft/shared";
import { fire } from "../../core/transition/fire.js";
import { fireAutomatic } from "../../core/automatic/fire-automatic.js";
import type { Machine } from "../../core/model/machine.js";
import type { Actor } from "../../core/model/actor.js";
import { keepsClocks } from "../../core/sla/keeps-clocks.js";
import { conflict, contextOf, type Applied } from "../outcome/write.js";
import { affectsHierarchy } from "../children/hierarchy.js";
import { cachedMachine, remember, type DefinitionSource } from "../definition/machines.js";
import { planWrites } from "../outcome/plan.js";
import type { InstanceWrite } from "../outcome/instance-write.js";
import { accepted } from "../model/rejection.js";
import { snapshotOf, taskObjectText, type InstanceRead } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";

/** A postgres.js client that logs in as weft_app. */
export interface StatementPool {
  unsafe(text: string, params: string[], options: { prepare: boolean }): PromiseLike<readonly unknown[]>;
}

const MAX_RETRIES = 3;

/**
 * Writes an outcome in its own transaction, in one round trip. If another write came first, the result is `applied: false`. A deadlock, or a task
 * that was claimed in the meantime, throws an error that `isRetryable` recognizes: the outcome must then be planned again from the current state.
 */
export async function applyInOwnTransaction(
  pool: StatementPool,
  meta: WriteMeta,
  writes: readonly [InstanceWrite, ...InstanceWrite[]],
): Promise<Applied> {
  const [{ sealedAddress, ...only }, ...others] = writes;
  const context = JSON.stringify({ ...contextOf(meta), userId: meta.actorId, vendorId: null, address: sealedAddress });
  const text =
    others.length === 0
      ? "/* applyInOwnTransaction */ select engine.apply($1::text::jsonb, $2::text::jsonb) as result"
      : "/* applyChainInOwnTransaction */ select engine.apply_chain($1::text::jsonb, $2::text::jsonb) as result";
  const outcome = JSON.stringify(others.length === 0 ? only : writes);
  const [row] = (await pool.unsafe(text, [context, outcome], { prepare: true })) as readonly [{ result: Applied }];
  return row.result;
}

export type OwnTransactionFiring = {
  readonly id: string;
  readonly transition: string;
  readonly actor: Actor;
  readonly input?: unknown;
  readonly comment?: string | null;
};

/**
 * Like `fireInstance`, in two round trips. After a deadlock or a claim in between, reads and writes again, at most three times. Apart from row-level
 * security, the caller must check that the actor can see the instance. Personal values that the audit would seal need a transaction, so
 * `meta.address` is null here.
 */
export async function fireInOwnTransaction(pool: StatementPool, meta: WriteMeta, firing: OwnTransactionFiring): Promise<InstanceHead> {
  for (let retries = 0; ; retries++) {
    try {
      return await fireOnce(pool, meta, firing);
    } catch (error) {
      if (retries === MAX_RETRIES || !isRetryable(error)) throw error;
    }
  }
}

async function fireOnce(pool: StatementPool, meta: WriteMeta, { id, ...request }: OwnTransactionFiring): Promise<InstanceHead> {
  const read = await readInOwnTransaction(pool, meta.tenantId, id);
  const machine =
    cachedMachine(meta.tenantId, read.head.definitionId) ?? (await machineInOwnTransaction(pool, meta.tenantId, read.head.definitionId));
  if (machine.usesCalendars) throw new Error("fireInOwnTransaction cannot read calendars, which requires a transaction. Use fireInstance.");
  const snapshot = snapshotOf(read.head, read.openTasks);
  const outcome = accepted(fire(machine, snapshot, { ...request, now: read.now }));
  if (outcome.references)
    throw new Error("fireInOwnTransaction cannot look up users that a form references, which requires a transaction. Use fireInstance.");
  if (keepsClocks(machine))
    throw new Error("fireInOwnTransaction cannot write SLA clocks and escalations, which requires a transaction. Use fireInstance.");
  const outcomes = fireAutomatic(machine, snapshot, outcome, request.actor);
  if (affectsHierarchy(read.head, outcomes))
    throw new Error("fireInOwnTransaction cannot write hierarchies, which requires a transaction. Use fireInstance.");
  const { writes, after } = await planWrites(noTransaction, meta, read, outcomes, machine.index);
  const applied = await applyInOwnTransaction(pool, meta, writes);
  if (!applied.applied) throw conflict(applied);
  return after;
}

const noTransaction = new Proxy(
  {},
  {
    get: () => {
      throw new Error("fireInOwnTransaction has no transaction in which a personal value could be sealed. Use fireInstance.");
    },
  },
) as Tx;

// The condition is a one-time filter: it sets the tenant before the scan begins, so the scan sees the tenant's rows.
const inTenant = "(select set_config('app.tenant_id', $1, true)) is not null";

const readText = `/* readInOwnTransaction */ select jsonb_build_object('tenantId', i.tenant_id, 'id', i.id, 'definitionId', i.definition_id, 'definitionKey', i.definition_key,
    'state', i.state, 'status', i.status, 'data', i.data, 'version', i.version, 'subjectType', i.subject_type, 'subjectId', i.subject_id, 'requestType', i.request_type,
    'ownerId', i.owner_id, 'teamId', i.team_id, 'assigneeUserId', i.assignee_user_id, 'assigneeTeamId', i.assignee_team_id,
    'assigneeVendorId', i.assignee_vendor_id, 'createdAt', i.created_at, 'updatedAt', i.updated_at, 'finishedAt', i.finished_at,
    'parentId', i.parent_id, 'parentState', i.parent_state, 'parentVersion', i.parent_version, 'parentRule', i.parent_rule, 'childIndex', i.child_index, 'ancestors', i.ancestors,
    'doneBy', i.done_by, 'environment', i.environment) as head,
  to_jsonb(app.weft_now()) #>> '{}' as now,
  (select coalesce(jsonb_agg(${taskObjectText} order by t.id), '[]'::jsonb) from workflows.tasks t
    where t.tenant_id = i.tenant_id and t.instance_id = i.id and t.status in ('OPEN', 'CLAIMED')) as "openTasks"
  from workflows.instances i where ${inTenant} and i.tenant_id = $1::text::uuid and i.id = $2::text::uuid`;

async function readInOwnTransaction(pool: StatementPool, tenantId: string, id: string): Promise<InstanceRead> {
  const [read] = (await pool.unsafe(readText, [tenantId, id], { prepare: true })) as readonly InstanceRead[];
  if (!read) throw new NotFound("WorkflowInstance", encodeId("instance", id));
  return read;
}

async function machineInOwnTransaction(pool: StatementPool, tenantId: string, definitionId: string): Promise<Machine> {
  const text = `/* machineInOwnTransaction */ select d.id, d.source, d.format from workflows.definitions d where ${inTenant} and d.tenant_id = $1::text::uuid and d.id = $2::text::uuid`;
  const [row] = (await pool.unsafe(text, [tenantId, definitionId], { prepare: true })) as readonly DefinitionSource[];
  if (!row) throw new Error(`definition ${definitionId} of an instance is missing`);
  return remember(tenantId, row);
}
