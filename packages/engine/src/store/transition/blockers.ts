import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { Machine } from "../../core/model/machine.js";
import { completes } from "../../core/transition/blocked.js";
import type { InstanceHead } from "../model/instance-head.js";

/**
 * Returns how many open requests the requests of these instances wait for, by instance ID: those that block them, and their children. Only of running
 * instances whose state has a transition that completes them; if there are none, no statement runs.
 */
export async function readBlockers(
  tx: Tx,
  heads: readonly InstanceHead[],
  machineOf: (head: InstanceHead) => Machine | undefined,
): Promise<ReadonlyMap<string, number>> {
  const ending = heads.filter((head) => canComplete(head, machineOf(head)));
  if (ending.length === 0) return new Map();
  const subjectOf = new Map(ending.map(({ id, subjectId }) => [subjectId, id]));
  const rows = await tx.execute<{ requestId: string; blockers: number }>(
    named(
      "readBlockers",
      sql`select r.id as "requestId", requests.open_blockers(r.id)::int as blockers
            from unnest(${sql.param([...subjectOf.keys()])}::uuid[]) as r (id)`,
    ),
  );
  return new Map(rows.map(({ requestId, blockers }) => [subjectOf.get(requestId) ?? "", blockers]));
}

function canComplete({ subjectType, subjectId, status, state }: InstanceHead, machine: Machine | undefined): boolean {
  if (subjectType !== "request" || subjectId === null || status !== "RUNNING" || machine === undefined) return false;
  const transitions = [...(machine.states.get(state)?.transitions.values() ?? [])];
  return transitions.some((transition) => !transition.isAutomatic && completes(machine, state, transition));
}
