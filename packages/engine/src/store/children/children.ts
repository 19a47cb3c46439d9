/** Reads the children that the current entry of an instance into its state has started, which its join evaluates. */
import { workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";
import { collects, evaluateJoin, startsChildren } from "../../core/children/children.js";
import type { JsonObject } from "../../core/model/json.js";
import type { Machine, MachineState } from "../../core/model/machine.js";
import type { FinalKind, SnapshotChild } from "../../core/model/snapshot.js";
import { machinesOf } from "../definition/machines.js";
import type { InstanceHead } from "../model/instance-head.js";

const { instances } = workflows;

/** With its ID, for callers that look for one of them. */
export type Child = SnapshotChild & { readonly id: string };

/** Returns the children of the current entry; undefined if the state starts none. */
export async function readChildren(tx: Tx, machine: Machine, head: InstanceHead): Promise<readonly Child[] | undefined> {
  return (await readChildrenOf(tx, machine, [head])).get(head.id);
}

/**
 * Returns the children of many instances of one definition, by instance ID; at most three statements, whatever their number. The children's data is
 * read only if the join fires and keeps some of it. A migration does not count as an entry: running children remain those of the state.
 */
export async function readChildrenOf(
  tx: Tx,
  machine: Machine,
  heads: readonly InstanceHead[],
): Promise<ReadonlyMap<string, readonly Child[]>> {
  const parents = heads.filter(({ state }) => startsChildren(machine, state));
  const [first] = parents;
  if (!first) return new Map();
  const rows = await selectChildren(
    tx,
    parents.map(({ id }) => id),
  );
  const machines = await machinesOf(tx, first.tenantId, [
    ...new Set(rows.filter(({ status }) => status === "COMPLETED").map((row) => row.definitionId)),
  ]);
  const byParent = Map.groupBy(rows, ({ parentId }) => parentId);
  const hierarchies = parents.map(({ id, state, data }) => ({
    id,
    data: data as JsonObject,
    state: machine.states.get(state),
    children: (byParent.get(id) ?? []).map((row): Child => {
      return { id: row.id, rule: row.rule, index: row.index, ending: endingOf(row, machines.get(row.definitionId)) };
    }),
  }));
  const kept = hierarchies
    .filter(({ state, data: parentData, children }) => firesJoin(state, { data: parentData, children }) && collects(state))
    .flatMap(({ children }) => children);
  const data = await selectData(
    tx,
    kept.filter(({ ending }) => ending !== null).map(({ id }) => id),
  );
  return new Map(hierarchies.map(({ id, children }) => [id, children.map((child) => ({ ...child, data: data.get(child.id) }))]));
}

function firesJoin(state: MachineState | undefined, parent: { readonly data: JsonObject; readonly children: readonly Child[] }): boolean {
  const result = evaluateJoin(state, parent);
  return result !== null && !("stuck" in result);
}

type ChildRow = { id: string; parentId: string; rule: string; index: number; state: string; status: string; definitionId: string };

/** Returns how a child ended. A state that its definition no longer contains counts as completed. */
function endingOf({ status, state }: ChildRow, machine: Machine | undefined): FinalKind | null {
  if (status === "CANCELLED") return "cancelled";
  return status === "COMPLETED" ? (machine?.states.get(state)?.final ?? "completed") : null;
}

async function selectChildren(tx: Tx, parentIds: readonly string[]): Promise<ChildRow[]> {
  const rows = await tx.execute<ChildRow>(
    named(
      "selectChildren",
      sql`select c.id, c.parent_id as "parentId", c.parent_rule as rule, c.child_index as index, c.state, c.status, c.definition_id as "definitionId"
        from unnest(${sql.param([...parentIds])}::uuid[]) as p (id)
        cross join lateral (
          select h.version from workflows.history h
           where h.tenant_id = app.tenant() and h.instance_id = p.id and h.kind in ('START', 'TRANSITION', 'ROLLBACK')
           order by h.version desc limit 1) entry
        join workflows.instances c on c.tenant_id = app.tenant() and c.parent_id = p.id and c.parent_version >= entry.version
         and c.parent_rule not like 'steps.%'
       order by c.parent_rule, c.child_index`,
    ),
  );
  return [...rows];
}

async function selectData(tx: Tx, ids: readonly string[]): Promise<Map<string, JsonObject>> {
  if (ids.length === 0) return new Map();
  const rows = await named(
    "selectChildData",
    tx.select({ id: instances.id, data: instances.data }).from(instances).where(among(instances.id, ids)),
  );
  return new Map(rows.map(({ id, data }) => [id, data as JsonObject]));
}

/**
 * Returns the IDs of an instance's children that have not ended, locked in one order: nothing can change them until the transaction ends. Children
 * that steps have started are not among them: the run stops those that its steps wait for.
 */
export async function lockRunningChildren(tx: Tx, parentId: string): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "lockRunningChildren",
      sql`select c.id from workflows.instances c
       where c.tenant_id = app.tenant() and c.parent_id = ${parentId}::uuid and c.finished_at is null
         and c.parent_rule not like 'steps.%' order by c.id for update`,
    ),
  );
  return rows.map(({ id }) => id);
}

/**
 * Returns the IDs of the children that steps of these instances wait for, locked in one order. Each belongs to the current attempt of its step. Not among
 * them are children that a step has started without waiting for them, and those that undo a step: they go on, as the compensation of a run does.
 */
export async function lockAwaitedChildren(tx: Tx, parentIds: readonly string[]): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "lockAwaitedChildren",
      sql`select c.id from workflows.instances c
       where c.tenant_id = app.tenant() and ${among(sql`c.parent_id`, parentIds)} and c.finished_at is null and c.parent_rule like 'steps.%'
         and exists (
           select from workflows.runs r
             join workflows.run_steps s on s.tenant_id = r.tenant_id and s.run_id = r.id and s.step = substr(c.parent_rule, length('steps.') + 1)
            where r.tenant_id = c.tenant_id and r.instance_id = c.parent_id and r.instance_version = c.parent_version
              and s.status = 'WAITING' and not s.is_parked and s.attempt = c.child_index + 1)
       order by c.id for update of c`,
    ),
  );
  return rows.map(({ id }) => id);
}

/** Returns those of SUSPENDED instances that were suspended automatically, with their parents, and not by a user since. */
export async function selectSuspendedWithParent(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "selectSuspendedWithParent",
      sql`select p.id from unnest(${sql.param([...ids])}::uuid[]) as p (id)
       cross join lateral (
         select h.is_automatic from workflows.history h
          where h.tenant_id = app.tenant() and h.instance_id = p.id and h.kind = 'SUSPENSION'
          order by h.version desc limit 1) last
       where last.is_automatic`,
    ),
  );
  return new Set(rows.map(({ id }) => id));
}

/** Locks instances in the given order, root first. Everything that locks more than one instance of a hierarchy does this, which prevents deadlocks. */
export async function lockAncestors(tx: Tx, ancestors: readonly string[]): Promise<void> {
  const lock = sql`select i.id from workflows.instances i where ${among(sql`i.id`, ancestors)} order by cardinality(i.ancestors) for update`;
  await tx.execute(named("lockAncestors", lock));
}

export type HierarchyCount = { readonly root: string; readonly without: string | null };

/** Returns how many instances below a root have not ended. `without` excludes those below an instance. */
export async function countHierarchy(tx: Tx, { root, without }: HierarchyCount): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    named(
      "countHierarchy",
      sql`select count(*)::integer as count from workflows.instances i
       where i.tenant_id = app.tenant() and i.parent_id is not null and i.finished_at is null and i.ancestors[1] = ${root}::uuid
         and (${without}::uuid is null or not ${without}::uuid = any(i.ancestors))`,
    ),
  );
  return row?.count ?? 0;
}

/** Returns heads by ID, of instances whose rows the transaction has locked. */
export async function selectHeads(tx: Tx, ids: readonly string[]): Promise<InstanceHead[]> {
  return named(
    "selectHeads",
    tx
      .select()
      .from(instances)
      .where(and(among(instances.id, ids), eq(instances.tenantId, sql`app.tenant()`)))
      .orderBy(instances.id),
  );
}
