/** The children that the present entry of an instance into its state has started: what its join looks at. */
import { workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/shared";
import { and, eq, sql } from "drizzle-orm";
import { collects, judgeJoin } from "../core/children.js";
import type { Machine } from "../core/machine.js";
import type { FinalKind, JsonObject, SnapshotChild } from "../core/types.js";
import { machinesOf } from "./machines.js";
import type { InstanceHead } from "./snapshot.js";

const { instances } = workflows;

/** With its id, for who looks for one of them. */
export type Child = SnapshotChild & { readonly id: string };

/**
 * The children of the present entry; undefined where the state starts none. Their data is read only when the join fires and keeps something of it.
 * A migration is no entry: the children that run stay those of the state.
 */
export async function readChildren(tx: Tx, machine: Machine, head: InstanceHead): Promise<readonly Child[] | undefined> {
  const state = machine.states.get(head.state);
  if (!state || state.children.length === 0) return undefined;
  const rows = await selectChildren(tx, head.id);
  const machines = await machinesOf(tx, head.tenantId, [
    ...new Set(rows.filter(({ status }) => status === "COMPLETED").map((row) => row.definitionId)),
  ]);
  const children = rows.map((row): Child => {
    const { id, rule, index } = row;
    return { id, rule, index, ending: endingOf(row, machines.get(row.definitionId)) };
  });
  const verdict = judgeJoin(state, children);
  if (!verdict || "stuck" in verdict || !collects(state)) return children;
  const data = await selectData(
    tx,
    children.filter(({ ending }) => ending !== null).map(({ id }) => id),
  );
  return children.map((child) => ({ ...child, data: data.get(child.id) }));
}

type ChildRow = { id: string; rule: string; index: number; state: string; status: string; definitionId: string };

/** How a child ended: a state that its definition no longer tells of counts as completed. */
function endingOf({ status, state }: ChildRow, machine: Machine | undefined): FinalKind | null {
  if (status === "CANCELLED") return "cancelled";
  return status === "COMPLETED" ? (machine?.states.get(state)?.final ?? "completed") : null;
}

async function selectChildren(tx: Tx, parentId: string): Promise<ChildRow[]> {
  const rows = await tx.execute<ChildRow>(
    named(
      "selectChildren",
      sql`select c.id, c.parent_rule as rule, c.child_index as index, c.state, c.status, c.definition_id as "definitionId"
        from workflows.instances c
       where c.tenant_id = app.tenant() and c.parent_id = ${parentId}::uuid and c.parent_version >= (
         select h.version from workflows.history h
          where h.tenant_id = app.tenant() and h.instance_id = ${parentId}::uuid and h.kind in ('START', 'TRANSITION', 'ROLLBACK')
          order by h.version desc limit 1)
       order by c.parent_rule, c.child_index`,
    ),
  );
  return [...rows];
}

async function selectData(tx: Tx, ids: readonly string[]): Promise<Map<string, JsonObject>> {
  const rows = await named(
    "selectChildData",
    tx.select({ id: instances.id, data: instances.data }).from(instances).where(among(instances.id, ids)),
  );
  return new Map(rows.map(({ id, data }) => [id, data as JsonObject]));
}

/** The ids of an instance's children that have not ended, locked in one order: nothing moves them until the transaction is over. */
export async function lockRunningChildren(tx: Tx, parentId: string): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "lockRunningChildren",
      sql`select c.id from workflows.instances c
       where c.tenant_id = app.tenant() and c.parent_id = ${parentId}::uuid and c.finished_at is null order by c.id for update`,
    ),
  );
  return rows.map(({ id }) => id);
}

/** Locks instances, given the root first: so do all who hold more than one of a family, and nobody waits for one another. */
export async function lockAncestors(tx: Tx, ancestors: readonly string[]): Promise<void> {
  const lock = sql`select i.id from workflows.instances i where ${among(sql`i.id`, ancestors)} order by cardinality(i.ancestors) for update`;
  await tx.execute(named("lockAncestors", lock));
}

export type FamilyCount = { readonly root: string; readonly without: string | null };

/** How many below a root have not ended; `without` leaves out what is below an instance. */
export async function countFamily(tx: Tx, { root, without }: FamilyCount): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    named(
      "countFamily",
      sql`select count(*)::integer as count from workflows.instances i
       where i.tenant_id = app.tenant() and i.parent_id is not null and i.finished_at is null and i.ancestors[1] = ${root}::uuid
         and (${without}::uuid is null or not ${without}::uuid = any(i.ancestors))`,
    ),
  );
  return row?.count ?? 0;
}

/** Heads by id, of instances whose rows the transaction holds. */
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
