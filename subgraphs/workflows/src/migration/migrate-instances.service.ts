import { actorOf, migrateInstance, prepareMigration, undoInstanceMigration, type KeptOfMigration, type MigrationOrder } from "@weft/engine";
import { BadUserInput, decodeId, textProblems, type Context } from "@weft/shared";
import { and } from "drizzle-orm";
import { countFound, findDone, findTargets, getOperation, readIds } from "../bulk/bulk.service.js";
import { BulkKind, type BulkOperationRow } from "../bulk/bulk.type.js";
import { MAX_TARGETS, assertComment, checkedTargets, createOperation } from "../bulk/create-operation.js";
import type { Perform } from "../bulk/run-item.js";
import type { MigrateInstancesInput, UndoMigrationInput } from "./migration.input.js";
import { readRoute } from "./plan-migration.service.js";

/** As long a migration can be taken back. */
const UNDO_HOURS = 24;

/** Moves the running instances of a version to another one, in the background: each as the plan says of it when its turn comes. */
export function migrateInstances(ctx: Context, { idempotencyKey, ...asked }: MigrateInstancesInput): Promise<BulkOperationRow> {
  const { instanceIds, comment, expectedTotal, mapping } = asked;
  assertComment(comment);
  const acceptWeakerRules = readReason(asked.acceptWeakerRules);
  const named = instanceIds ? readIds(instanceIds, "input.") : null;
  return createOperation(ctx, { mutation: "migrateInstances", key: idempotencyKey, input: asked }, async (tx) => {
    const { order, where } = await readRoute(tx, ctx, { ...asked, mapping }, "input.");
    await prepareMigration(tx, ctx.viewer.tenantId, order, "input.mapping");
    const selection = { where: and(where, named?.where), ids: named?.ids ?? null };
    const targets = await findTargets(tx, ctx, selection, { permission: "workflow.migrate", limit: MAX_TARGETS });
    // Of more than one operation takes the plan counts all, and this one takes the oldest.
    const total = targets.length < MAX_TARGETS ? targets.length : await countFound(tx, ctx, selection.where, "workflow.migrate");
    const path = named ? "input.instanceIds" : "input.from";
    return {
      kind: BulkKind.MIGRATION,
      params: { ...order, ...(acceptWeakerRules !== null && { acceptWeakerRules }) },
      comment: comment ?? null,
      targets: checkedTargets(targets, { path, expectedTotal, total }),
    };
  });
}

/** @throws BadUserInput when a reason is given that says nothing, or is too long */
function readReason(reason: string | null | undefined): string | null {
  const problems = textProblems("input.acceptWeakerRules", reason, { max: 2_000, hasLines: true });
  if (problems.length > 0) throw new BadUserInput(problems);
  return reason?.trim() ?? null;
}

/** One of them. What has changed since it was asked for is planned anew, and says so. */
export const migrateOne: Perform = async (tx, meta, { viewer, operation, item }) => {
  const { fromId, toId, mapping, acceptWeakerRules } = operation.params;
  const order: MigrationOrder = { fromId: String(fromId), toId: String(toId), mapping: mapping ?? null };
  const prepared = await prepareMigration(tx, meta.tenantId, order, "input.mapping");
  const { head, kept, before } = await migrateInstance(tx, meta, prepared, {
    id: item.instanceId,
    fromId: order.fromId,
    actor: actorOf(viewer),
    comment: operation.comment,
    acceptWeakerRules: typeof acceptWeakerRules === "string" ? acceptWeakerRules : null,
  });
  const isAnew = before !== item.plannedVersion;
  return {
    version: head.version,
    kept,
    ...(isAnew && { message: "It has changed since the migration was asked for: it was planned anew, and fits." }),
  };
};

/** Takes a migration back, in the background: of the instances that it moved, those that nobody has touched since. */
export function undoMigration(ctx: Context, { idempotencyKey, ...asked }: UndoMigrationInput): Promise<BulkOperationRow> {
  const { operationId, comment } = asked;
  assertComment(comment);
  const undoesId = decodeId("bulkOperation", operationId, "input.operationId");
  return createOperation(ctx, { mutation: "undoMigration", key: idempotencyKey, input: asked }, async (tx) => {
    const migration = await getOperation(tx, ctx, undoesId, "workflow.migrate");
    const refuse = (message: string): never => {
      throw new BadUserInput([{ path: "input.operationId", message }]);
    };
    if (migration.kind !== "MIGRATION") refuse(`The operation is no migration, but a ${migration.kind}.`);
    if (migration.status === "RUNNING") refuse("The migration still runs: wait for its end, or stop it first.");
    const { targets, isLate, isUndone } = await findDone(tx, undoesId, UNDO_HOURS);
    if (isUndone) refuse("This migration was taken back already.");
    if (isLate) refuse(`A migration can be taken back for ${UNDO_HOURS} hours; this one ended earlier.`);
    if (targets.length === 0) refuse("The migration has moved nothing.");
    return { kind: BulkKind.UNDO, params: {}, comment: comment ?? null, undoesId, targets };
  });
}

/** One of them. */
export const undoOne: Perform = async (tx, meta, { viewer, operation, item, findItem }) => {
  const done = await findItem(tx, operation.undoesId ?? "", item.instanceId);
  if (!done?.kept || done.resultVersion === null) throw new Error(`the migration of instance ${item.instanceId} kept nothing`);
  const head = await undoInstanceMigration(
    tx,
    meta,
    { id: item.instanceId, actor: actorOf(viewer), comment: operation.comment },
    { kept: done.kept as unknown as KeptOfMigration, version: done.resultVersion },
  );
  return { version: head.version };
};
