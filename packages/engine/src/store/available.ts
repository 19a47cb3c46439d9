import type { Tx } from "@weft/shared";
import { available } from "../core/available.js";
import type { Actor, AvailableTransition } from "../core/types.js";
import { machinesOf } from "./machines.js";
import { readOpenTasks, snapshotOf, type InstanceHead } from "./snapshot.js";

/**
 * What each instance's present state offers to the actor, by instance id: every transition of the state, with the reasons why not.
 * Two statements whatever the number of instances (one when all machines are cached).
 */
export async function availableFor(
  tx: Tx,
  heads: readonly InstanceHead[],
  actor: Actor,
): Promise<Map<string, readonly AvailableTransition[]>> {
  const first = heads[0];
  if (!first) return new Map();
  const machines = await machinesOf(
    tx,
    first.tenantId,
    heads.map((head) => head.definitionId),
  );
  const { now, tasks } = await readOpenTasks(
    tx,
    heads.map((head) => head.id),
  );
  return new Map(
    heads.map((head) => {
      const machine = machines.get(head.definitionId);
      return [head.id, machine ? available(machine, snapshotOf(head, tasks.get(head.id) ?? []), actor, now) : []];
    }),
  );
}
