import { actorOf, availableFor, machinesOf, type AvailableTransition, type InstanceHead } from "@weft/engine";
import type { Context } from "@weft/shared";
import { toHistoryEntry, type HistoryEntry } from "./history-entry.type.js";
import { selectHistory, selectInstances } from "./instance.store.js";
import { toWorkflowInstance, type WorkflowInstance } from "./instance.type.js";

/** Loads instances by UUID. Null for those that the viewer cannot see. */
export function loadInstance(ctx: Context, id: string): Promise<WorkflowInstance | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, WorkflowInstance>(
      "instance",
      async (tx, ids) => new Map((await selectInstances(tx, viewer, ids)).map((head) => [head.id, toWorkflowInstance(head)])),
    )
    .load(id);
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
    return new Map(
      heads.map((one) => [one, (byInstance.get(one.id) ?? []).map((row) => toHistoryEntry(row, vendorId, machines.get(one.definitionId)))]),
    );
  });
  return (await loader.load(head)) ?? [];
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
