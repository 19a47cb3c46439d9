import { workflows } from "@weft/drizzle";
import type { InstanceHead } from "@weft/engine";
import { BadUserInput, Conflict } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { among, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import type { SQL } from "drizzle-orm";
import { WorkflowInstanceFilter } from "../instances/instance.list.js";
import { eventsAfter } from "./bulk.events.js";

import { countTargets, findOperation, selectDone, selectTargetHeads, selectTargets, targetsWhere, type Target } from "./bulk.store.js";
import type { BulkOperationRow } from "./bulk.type.js";
import { operationNotFound } from "./operation-not-found.js";
import { endOperation, lockOperation } from "./run/progress.store.js";

const MAX_IDS = 1_000;

export interface Selection {
  readonly filter?: FilterValue | null | undefined;
  readonly instanceIds?: readonly string[] | null | undefined;
}

/**
 * Returns the condition of a selection, and the UUIDs if IDs were passed.
 * @param path prefix of the argument names: `input.` or empty
 */
export function readSelection(
  ctx: Context,
  { filter, instanceIds }: Selection,
  path: string,
): { where: SQL | undefined; ids: string[] | null } {
  const hasIds = instanceIds !== null && instanceIds !== undefined;
  if (hasIds === (filter !== null && filter !== undefined))
    throw new BadUserInput([{ path: `${path}filter`, message: "Pass either filter or instanceIds." }]);
  return hasIds ? readIds(instanceIds, path) : { where: WorkflowInstanceFilter.toSql(filter, `${path}filter`, ctx.viewer), ids: null };
}

/** Does the same for IDs only. */
export function readIds(instanceIds: readonly string[], path: string): { where: SQL; ids: string[] } {
  if (instanceIds.length > MAX_IDS)
    throw new BadUserInput([{ path: `${path}instanceIds`, message: `${instanceIds.length} IDs were passed; the maximum is ${MAX_IDS}.` }]);
  const ids = instanceIds.map((id, at) => decodeId("instance", id, `${path}instanceIds.${at}`));
  return { where: among(workflows.instances.id, ids), ids };
}

/** Condition for running instances that the viewer can reach with the permission. */
export const reachable = (ctx: Context, permission: Permission, where: SQL | undefined): SQL | undefined =>
  targetsWhere(ctx.viewer, permission, where);

export const countReachable = (ctx: Context, where: SQL | undefined): Promise<number> => ctx.read((tx) => countTargets(tx, where));

/** Returns the next of these instances after an ID, oldest first. */
export const findHeads = (ctx: Context, where: SQL | undefined, after: string | null, limit: number): Promise<InstanceHead[]> =>
  ctx.read((tx) => selectTargetHeads(tx, where, after, limit));

/** Returns what an operation has done, and whether it can still be undone. Locked until commit. */
export const findDone = (tx: Tx, operationId: string, hours: number): ReturnType<typeof selectDone> => selectDone(tx, operationId, hours);

/** Returns the running instances of a selection that the viewer can reach. Fails if an instance passed by ID is not among them. */
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

/** Returns the total number of these instances. */
export const countFound = (tx: Tx, ctx: Context, where: SQL | undefined, permission: Permission): Promise<number> =>
  countTargets(tx, targetsWhere(ctx.viewer, permission, where));

export function assertAllFound(ids: readonly string[] | null, found: ReadonlySet<string>, path: string): void {
  const problems = (ids ?? []).flatMap((id, at) =>
    found.has(id)
      ? []
      : [
          {
            path: `${path}instanceIds.${at}`,
            message: `No running WorkflowInstance with the ID ${encodeId("instance", id)} that you can change exists.`,
          },
        ],
  );
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** Stops an operation. Completed items are not undone, and items in progress are completed. */
export function cancelBulkOperation(ctx: Context, { idempotencyKey, ...input }: KeyedVersionedIdInput): Promise<BulkOperationRow> {
  const id = decodeId("bulkOperation", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    let ended: BulkOperationRow | undefined;
    await once(tx, ctx.meta, { mutation: "cancelBulkOperation", key: idempotencyKey ?? null, input }, async () => {
      const visible = await getOperation(tx, ctx, id);
      const mayStop = await findOperation(
        tx,
        ctx.viewer,
        id,
        ["MIGRATION", "UNDO"].includes(visible.kind) ? "workflow.migrate" : "workflow.bulk",
      );
      const before = mayStop && (await lockOperation(tx, id));
      if (!before) throw operationNotFound(id);
      if (typeof input.expectedVersion === "number" && input.expectedVersion !== before.version)
        throw new Conflict("The operation has progressed in the meantime. Read it again and retry.", { currentVersion: before.version });
      // The operation has already ended, so there is nothing to stop.
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
