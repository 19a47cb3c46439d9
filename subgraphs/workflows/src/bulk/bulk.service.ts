import { workflows } from "@weft/drizzle";
import type { InstanceHead } from "@weft/engine";
import {
  BadUserInput,
  Conflict,
  among,
  appendEvents,
  decodeId,
  encodeId,
  once,
  writeAudit,
  type Context,
  type FilterValue,
  type Permission,
  type Tx,
} from "@weft/shared";
import type { SQL } from "drizzle-orm";
import { WorkflowInstanceFilter } from "../instances/instance.list.js";
import { eventsAfter } from "./bulk.events.js";
import type { CancelBulkOperationInput } from "./bulk.input.js";
import { countTargets, findOperation, selectDone, selectTargetHeads, selectTargets, targetsWhere, type Target } from "./bulk.store.js";
import type { BulkOperationRow } from "./bulk.type.js";
import { operationNotFound } from "./operation-not-found.js";
import { endOperation, lockOperation } from "./progress.store.js";

const MAX_IDS = 1_000;

export interface Selection {
  readonly filter?: FilterValue | null | undefined;
  readonly instanceIds?: readonly string[] | null | undefined;
}

/** What a selection picks out: the condition, and the UUIDs that were named. @param path before the names of the arguments: `input.` or nothing */
export function readSelection(
  ctx: Context,
  { filter, instanceIds }: Selection,
  path: string,
): { where: SQL | undefined; ids: string[] | null } {
  const hasIds = instanceIds !== null && instanceIds !== undefined;
  if (hasIds === (filter !== null && filter !== undefined))
    throw new BadUserInput([{ path: `${path}filter`, message: "Give either filter or instanceIds." }]);
  return hasIds ? readIds(instanceIds, path) : { where: WorkflowInstanceFilter.toSql(filter, `${path}filter`, ctx.viewer), ids: null };
}

/** The same of ids alone. */
export function readIds(instanceIds: readonly string[], path: string): { where: SQL; ids: string[] } {
  if (instanceIds.length > MAX_IDS)
    throw new BadUserInput([{ path: `${path}instanceIds`, message: `There are ${instanceIds.length} ids; the most is ${MAX_IDS}.` }]);
  const ids = instanceIds.map((id, at) => decodeId("instance", id, `${path}instanceIds.${at}`));
  return { where: among(workflows.instances.id, ids), ids };
}

/** Running instances that the viewer may reach under the permission, as a condition. */
export const reachable = (ctx: Context, permission: Permission, where: SQL | undefined): SQL | undefined =>
  targetsWhere(ctx.viewer, permission, where);

export const countReachable = (ctx: Context, where: SQL | undefined): Promise<number> => ctx.read((tx) => countTargets(tx, where));

/** The next of them behind an id, from the oldest on. */
export const findHeads = (ctx: Context, where: SQL | undefined, after: string | null, limit: number): Promise<InstanceHead[]> =>
  ctx.read((tx) => selectTargetHeads(tx, where, after, limit));

/** What an operation has done, and whether it can still be taken back; locked until commit. */
export const findDone = (tx: Tx, operationId: string, hours: number): ReturnType<typeof selectDone> => selectDone(tx, operationId, hours);

/** The running instances of a selection that the viewer may reach. One that was named and is not among them is refused. */
export async function findTargets(
  tx: Tx,
  ctx: Context,
  { where, ids }: ReturnType<typeof readSelection>,
  { permission, limit }: { readonly permission: Permission; readonly limit: number },
): Promise<Target[]> {
  const targets = await selectTargets(tx, targetsWhere(ctx.viewer, permission, where), limit);
  assertAllFound(ids, new Set(targets.map(({ id }) => id)), "input.");
  return targets;
}

/** How many there are of them in all. */
export const countFound = (tx: Tx, ctx: Context, where: SQL | undefined, permission: Permission): Promise<number> =>
  countTargets(tx, targetsWhere(ctx.viewer, permission, where));

export function assertAllFound(ids: readonly string[] | null, found: ReadonlySet<string>, path: string): void {
  const problems = (ids ?? []).flatMap((id, at) =>
    found.has(id)
      ? []
      : [
          {
            path: `${path}instanceIds.${at}`,
            message: `There is no running WorkflowInstance with id ${encodeId("instance", id)} that you may move.`,
          },
        ],
  );
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** Stops an operation. What was done stays done; what is being done at this moment is finished. */
export function cancelBulkOperation(ctx: Context, { idempotencyKey, ...input }: CancelBulkOperationInput): Promise<BulkOperationRow> {
  const id = decodeId("bulkOperation", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    let ended: BulkOperationRow | undefined;
    await once(tx, ctx.meta, { mutation: "cancelBulkOperation", key: idempotencyKey ?? null, input }, async () => {
      const visible = await getOperation(tx, ctx, id);
      const mayStop = await findOperation(tx, ctx.viewer, id, visible.kind === "TRANSITION" ? "workflow.bulk" : "workflow.migrate");
      const before = mayStop && (await lockOperation(tx, id));
      if (!before) throw operationNotFound(id);
      if (typeof input.expectedVersion === "number" && input.expectedVersion !== before.version)
        throw new Conflict("The operation has gone on meanwhile. Read it again and decide anew.", { currentVersion: before.version });
      // It was faster: what there was to stop is done.
      if (before.status !== "RUNNING") return { id };
      ended = await endOperation(tx, id, { status: "CANCELLED", message: null });
      await writeAudit(tx, ctx.meta, [{ action: "workflow.cancelBulk", entityType: "bulkOperation", entityId: id, before, after: ended }]);
      await appendEvents(tx, ctx.meta, await eventsAfter(tx, ended));
      return { id };
    });
    return ended ?? (await getOperation(tx, ctx, id));
  });
}

export async function getOperation(tx: Tx, ctx: Context, id: string, permission: Permission = "workflow.read"): Promise<BulkOperationRow> {
  const row = await findOperation(tx, ctx.viewer, id, permission);
  if (!row) throw operationNotFound(id);
  return row;
}
