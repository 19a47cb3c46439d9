/**
 * A transition as two statements, each a transaction by itself: two round trips where a transaction around them takes four. For who has nothing
 * else to write with the move, and for measuring what the engine costs.
 */
import { NotFound, encodeId, isRetryable, type Tx, type WriteMeta } from "@weft/shared";
import { fire } from "../core/fire.js";
import { settle } from "../core/settle.js";
import type { Machine } from "../core/machine.js";
import type { Actor } from "../core/actor.js";
import { conflict, contextOf, type Applied } from "./write-moves.js";
import { concernsFamily } from "./family.js";
import { cachedMachine, remember, type DefinitionSource } from "./machines.js";
import { planChain, type Move } from "./move.js";
import { accepted } from "./rejection.js";
import { snapshotOf, taskObjectText, type InstanceHead, type InstanceRead } from "./snapshot.js";

/** A postgres.js client that logs in as weft_app. */
export interface StatementPool {
  unsafe(text: string, params: string[], options: { prepare: boolean }): PromiseLike<readonly unknown[]>;
}

const MAX_RETRIES = 3;

/**
 * Writes a move in a transaction of its own, in one round trip. A move that lost against another answers `applied: false`. A deadlock, or a task
 * that was claimed meanwhile, throws what `isRetryable` knows: the move must be planned anew from what is there now.
 */
export async function applyAlone(pool: StatementPool, meta: WriteMeta, moves: readonly [Move, ...Move[]]): Promise<Applied> {
  const [{ sealedAddress, ...only }, ...others] = moves;
  const context = JSON.stringify({ ...contextOf(meta), userId: meta.actorId, vendorId: null, address: sealedAddress });
  const text =
    others.length === 0
      ? "/* applyAlone */ select engine.apply($1::text::jsonb, $2::text::jsonb) as result"
      : "/* applyChainAlone */ select engine.apply_chain($1::text::jsonb, $2::text::jsonb) as result";
  const outcome = JSON.stringify(others.length === 0 ? only : moves);
  const [row] = (await pool.unsafe(text, [context, outcome], { prepare: true })) as readonly [{ result: Applied }];
  return row.result;
}

export type LoneFiring = {
  readonly id: string;
  readonly transition: string;
  readonly actor: Actor;
  readonly input?: unknown;
  readonly comment?: string | null;
};

/**
 * As `fireInstance`, in two round trips; read and written again, at most three times, after a deadlock or a claim in between. Whether the actor may see the instance is the caller's to check, row-level security apart. Personal
 * values that the audit would have to seal need a transaction: `meta.address` is null here.
 */
export async function fireAlone(pool: StatementPool, meta: WriteMeta, firing: LoneFiring): Promise<InstanceHead> {
  for (let retries = 0; ; retries++) {
    try {
      return await fireOnce(pool, meta, firing);
    } catch (error) {
      if (retries === MAX_RETRIES || !isRetryable(error)) throw error;
    }
  }
}

async function fireOnce(pool: StatementPool, meta: WriteMeta, { id, ...request }: LoneFiring): Promise<InstanceHead> {
  const read = await readAlone(pool, meta.tenantId, id);
  const machine = cachedMachine(meta.tenantId, read.head.definitionId) ?? (await machineAlone(pool, meta.tenantId, read.head.definitionId));
  const snapshot = snapshotOf(read.head, read.openTasks);
  const outcome = accepted(fire(machine, snapshot, { ...request, now: read.now }));
  if (outcome.references) throw new Error("fireAlone looks for nobody whom a form names, which takes a transaction: use fireInstance.");
  const outcomes = settle(machine, snapshot, outcome, request.actor);
  if (concernsFamily(read.head, outcomes)) throw new Error("fireAlone moves no families, which take a transaction: use fireInstance.");
  const { moves, after } = await planChain(noTransaction, meta, read, outcomes, machine.index);
  const applied = await applyAlone(pool, meta, moves);
  if (!applied.applied) throw conflict(applied);
  return after;
}

const noTransaction = new Proxy(
  {},
  {
    get: () => {
      throw new Error("fireAlone has no transaction in which a personal value could be sealed: use fireInstance.");
    },
  },
) as Tx;

// The condition is a one-time filter: it sets the tenant before the scan begins, and the scan then sees the tenant's rows.
const inTenant = "(select set_config('app.tenant_id', $1, true)) is not null";

const readText = `/* readAlone */ select jsonb_build_object('tenantId', i.tenant_id, 'id', i.id, 'definitionId', i.definition_id, 'definitionKey', i.definition_key,
    'state', i.state, 'status', i.status, 'data', i.data, 'version', i.version, 'subjectType', i.subject_type, 'subjectId', i.subject_id,
    'ownerId', i.owner_id, 'teamId', i.team_id, 'assigneeUserId', i.assignee_user_id, 'assigneeTeamId', i.assignee_team_id,
    'assigneeVendorId', i.assignee_vendor_id, 'createdAt', i.created_at, 'updatedAt', i.updated_at, 'finishedAt', i.finished_at,
    'parentId', i.parent_id, 'parentState', i.parent_state, 'parentVersion', i.parent_version, 'parentRule', i.parent_rule, 'childIndex', i.child_index, 'ancestors', i.ancestors,
    'doneBy', i.done_by, 'environment', i.environment) as head,
  to_jsonb(app.weft_now()) #>> '{}' as now,
  (select coalesce(jsonb_agg(${taskObjectText} order by t.id), '[]'::jsonb) from workflows.tasks t
    where t.tenant_id = i.tenant_id and t.instance_id = i.id and t.status in ('OPEN', 'CLAIMED')) as "openTasks"
  from workflows.instances i where ${inTenant} and i.tenant_id = $1::text::uuid and i.id = $2::text::uuid`;

async function readAlone(pool: StatementPool, tenantId: string, id: string): Promise<InstanceRead> {
  const [read] = (await pool.unsafe(readText, [tenantId, id], { prepare: true })) as readonly InstanceRead[];
  if (!read) throw new NotFound("WorkflowInstance", encodeId("instance", id));
  return read;
}

async function machineAlone(pool: StatementPool, tenantId: string, definitionId: string): Promise<Machine> {
  const text = `/* machineAlone */ select d.id, d.source, d.format from workflows.definitions d where ${inTenant} and d.tenant_id = $1::text::uuid and d.id = $2::text::uuid`;
  const [row] = (await pool.unsafe(text, [tenantId, definitionId], { prepare: true })) as readonly DefinitionSource[];
  if (!row) throw new Error(`definition ${definitionId} of an instance is missing`);
  return remember(tenantId, row);
}
