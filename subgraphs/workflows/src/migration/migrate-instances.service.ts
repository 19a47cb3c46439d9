import { actorOf, migrateInstance, prepareMigration, undoInstanceMigration, type KeptOfMigration, type MigrationOrder } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import type { Context } from "@weft/api/context";
import { and } from "drizzle-orm";
import { countFound, findDone, findTargets, getOperation, readIds } from "../bulk/bulk.service.js";
import { BulkKind, type BulkOperationRow } from "../bulk/bulk.type.js";
import { MAX_TARGETS, assertComment, checkedTargets, createOperation } from "../bulk/create-operation.js";
import type { Perform } from "../bulk/run/run-item.js";
import type { MigrateInstancesInput, UndoMigrationInput } from "./migration.input.js";
import { readRoute } from "./plan-migration.service.js";

/** Hours within which a migration can be undone. */
const UNDO_HOURS = 24;

/** Migrates the running instances of one version to another in the background, each as planned when it is processed. */
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
    // If there are more instances than one operation can process, the plan counts all of them, and this operation takes the oldest.
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

/** @throws BadUserInput if the reason is blank or too long */
function readReason(reason: string | null | undefined): string | null {
  const problems = textProblems("input.acceptWeakerRules", reason, { max: 2_000, hasLines: true });
  if (problems.length > 0) throw new BadUserInput(problems);
  return reason?.trim() ?? null;
}

/** Migrates one instance. An instance that has changed since the request is planned again, and its result says so. */
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
    ...(isAnew && { message: "The instance changed after the migration was requested. It was planned again and is compatible." }),
  };
};

/** Undoes a migration in the background, for those of its instances that have not changed since. */
export function undoMigration(ctx: Context, { idempotencyKey, ...asked }: UndoMigrationInput): Promise<BulkOperationRow> {
  const { operationId, comment } = asked;
  assertComment(comment);
  const undoesId = decodeId("bulkOperation", operationId, "input.operationId");
  return createOperation(ctx, { mutation: "undoMigration", key: idempotencyKey, input: asked }, async (tx) => {
    const migration = await getOperation(tx, ctx, undoesId, "workflow.migrate");
    const refuse = (message: string): never => {
      throw new BadUserInput([{ path: "input.operationId", message }]);
    };
    if (migration.kind !== "MIGRATION") refuse(`The operation is not a migration but has the kind ${migration.kind}.`);
    if (migration.status === "RUNNING") refuse("The migration is still running. Wait until it ends, or stop it first.");
    const { targets, isLate, isUndone } = await findDone(tx, undoesId, UNDO_HOURS);
    if (isUndone) refuse("This migration was already undone.");
    if (isLate) refuse(`A migration can be undone for ${UNDO_HOURS} hours; this one ended earlier.`);
    if (targets.length === 0) refuse("The migration did not change any instances.");
    return { kind: BulkKind.UNDO, params: {}, comment: comment ?? null, undoesId, targets };
  });
}

/** Undoes the migration of one instance. */
export const undoOne: Perform = async (tx, meta, { viewer, operation, item, findItem }) => {
  const done = await findItem(tx, operation.undoesId ?? "", item.instanceId);
  if (!done?.kept || done.resultVersion === null) throw new Error(`the migration of instance ${item.instanceId} saved no undo data`);
  const head = await undoInstanceMigration(
    tx,
    meta,
    { id: item.instanceId, actor: actorOf(viewer), comment: operation.comment },
    { kept: done.kept as unknown as KeptOfMigration, version: done.resultVersion },
  );
  return { version: head.version };
};
