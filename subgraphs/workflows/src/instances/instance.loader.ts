import { actorOf, availableFor, machinesOf, type AvailableTransition, type InstanceHead, type InternalCommentRow } from "@weft/engine";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { toHistoryEntry, toInternalEntry, type HistoryEntry } from "./history-entry.type.js";
import { MAX_HISTORY, selectHistory, selectInstances, selectInternalComments } from "./instance.store.js";
import { instanceNodes, type WorkflowInstance } from "./instance.type.js";

/** Loads instances by UUID. Null for those that the viewer cannot see. */
export function loadInstance(ctx: Context, id: string): Promise<WorkflowInstance | null> {
  const loader = ctx.loader<string, WorkflowInstance>("instance", async (tx, ids) => {
    const heads = await selectInstances(tx, ctx.viewer, { ids, reading: instanceNodes.reading(ctx) });
    return new Map(heads.map((head) => [head.id, instanceNodes.toNode(head)]));
  });
  return loader.load(id);
}

/** Loads the history of an instance that the viewer can see. One statement for all instances of the response, if their machines are cached. */
export async function loadHistory(ctx: Context, head: InstanceHead): Promise<HistoryEntry[]> {
  const { tenantId, vendorId } = ctx.viewer;
  const loader = ctx.loader<InstanceHead, HistoryEntry[]>("history", async (tx, heads) => {
    const machines = await machinesOf(tx, tenantId, definitionsOf(heads), ctx.computing);
    const rows = await selectHistory(
      tx,
      heads.map(({ id }) => id),
    );
    const byInstance = Map.groupBy(rows, (row) => row.instanceId);
    const comments = await internalCommentsOf(tx, ctx, heads);
    return new Map(
      heads.map((one) => {
        const machine = machines.get(one.definitionId);
        const changes = (byInstance.get(one.id) ?? []).map((row) =>
          toHistoryEntry(row, { vendorId, subjectType: one.subjectType, machine }),
        );
        const internal = (comments.get(one.id) ?? []).map((row) => toInternalEntry(row, machine));
        return [one, withInternal(changes, internal)];
      }),
    );
  });
  return (await loader.load(head)) ?? [];
}

/** Users of a vendor have none, so no statement runs for them. */
async function internalCommentsOf(
  tx: Tx,
  ctx: Context,
  heads: readonly InstanceHead[],
): Promise<ReadonlyMap<string, InternalCommentRow[]>> {
  if (ctx.viewer.vendorId !== null) return new Map();
  const rows = await selectInternalComments(
    tx,
    ctx.viewer,
    heads.map(({ id }) => id),
  );
  return Map.groupBy(rows, (row) => row.instanceId);
}

/** Puts internal comments after the change whose version they have. Both lists are in order. Returns at most the newest `MAX_HISTORY` entries. */
function withInternal(changes: HistoryEntry[], internal: readonly HistoryEntry[]): HistoryEntry[] {
  if (internal.length === 0) return changes;
  // The sort is stable: an entry of the history comes before the comments of its version.
  return [...changes, ...internal].toSorted((a, b) => a.version - b.version).slice(-MAX_HISTORY);
}

const definitionsOf = (heads: readonly InstanceHead[]): string[] => [...new Set(heads.map(({ definitionId }) => definitionId))];

/** Keyed by row instead of ID, because after a write the response is based on the returned row. */
export async function loadAvailable(ctx: Context, head: InstanceHead): Promise<readonly AvailableTransition[]> {
  const { viewer } = ctx;
  const loader = ctx.loader<InstanceHead, readonly AvailableTransition[]>("available", async (tx, heads) => {
    const byId = await availableFor(tx, heads, actorOf(viewer), ctx.computing);
    return new Map(heads.map((one) => [one, byId.get(one.id) ?? []]));
  });
  return (await loader.load(head)) ?? [];
}

/** Loads the display name of the instance's state from its definition. */
export async function loadStateTitle(ctx: Context, head: InstanceHead): Promise<string> {
  const { tenantId } = ctx.viewer;
  const loader = ctx.loader<InstanceHead, string>("stateTitle", async (tx, heads) => {
    const machines = await machinesOf(tx, tenantId, definitionsOf(heads), ctx.computing);
    return new Map(heads.map((one) => [one, machines.get(one.definitionId)?.states.get(one.state)?.title ?? one.state]));
  });
  return (await loader.load(head)) ?? head.state;
}
