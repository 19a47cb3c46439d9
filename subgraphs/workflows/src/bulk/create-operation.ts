import { BadUserInput, Conflict, Forbidden, LimitExceeded } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { changedEvent } from "./bulk.events.js";
import { countRunning, findOperation, insertOperation, type Target } from "./bulk.store.js";
import type { BulkKind, BulkOperationRow } from "./bulk.type.js";
import { operationNotFound } from "./operation-not-found.js";

export type { Target };

/** Maximum number of instances or runs per operation. */
export const MAX_TARGETS = 10_000;
/** Maximum number of concurrent operations per tenant. */
const MAX_RUNNING = 10;

export interface OperationToCreate {
  readonly kind: BulkKind;
  /** Parameters for the performer of the operation. */
  readonly params: Record<string, unknown>;
  readonly comment: string | null;
  readonly undoesId?: string;
  readonly targets: readonly Target[];
}

interface Call {
  readonly mutation: string;
  readonly key: string | null | undefined;
  readonly input: unknown;
}

const auditActions = {
  TRANSITION: "workflow.bulkFire",
  MIGRATION: "workflow.bulkMigrate",
  UNDO: "workflow.undoMigration",
  CANCEL_RUNS: "run.bulkCancel",
  RESUME_RUNS: "run.bulkResume",
  RETRY_RUNS: "run.bulkRetry",
} as const;

/** Stores an operation, once per idempotency key. A worker runs it on behalf of the viewer, with the rights that the viewer has then. */
export async function createOperation(ctx: Context, call: Call, choose: (tx: Tx) => Promise<OperationToCreate>): Promise<BulkOperationRow> {
  assertNoOperator(ctx);
  const row = await ctx.inTenant(async (tx) => {
    let created: BulkOperationRow | undefined;
    const { result } = await once(tx, ctx.meta, { ...call, key: call.key ?? null }, async () => {
      created = await createOperationIn(tx, ctx, await choose(tx));
      return { id: created.id };
    });
    return created ?? knownOperation(tx, ctx, result["id"] ?? "");
  });
  wakeBulkRunner(ctx);
  return row;
}

/** Returns an operation that an earlier call has created. @throws NotFound */
export async function knownOperation(tx: Tx, ctx: Context, id: string): Promise<BulkOperationRow> {
  const known = await findOperation(tx, ctx.viewer, id, "workflow.read");
  if (!known) throw operationNotFound(id);
  return known;
}

/** An operator's time-limited session would end before the operation does. @throws Forbidden */
function assertNoOperator({ viewer }: Context): void {
  if (viewer.operatorId !== null) throw new Forbidden("Platform operators can change a tenant's instances and runs only one by one.");
}

/** Stores an operation in the transaction of the caller, who wakes the runner after the commit. @throws Forbidden, LimitExceeded */
export async function createOperationIn(
  tx: Tx,
  ctx: Context,
  { kind, params, comment, undoesId, targets }: OperationToCreate,
): Promise<BulkOperationRow> {
  assertNoOperator(ctx);
  const used = await countRunning(tx);
  if (used >= MAX_RUNNING) throw new LimitExceeded({ limit: "runningBulkOperations", used, allowed: MAX_RUNNING });
  const { tenantId, userId, sessionId } = ctx.viewer;
  const row = await insertOperation(
    tx,
    { tenantId, id: newId(), kind, params, comment, undoesId: undoesId ?? null, createdBy: userId, sessionId },
    targets,
  );
  await writeAudit(tx, ctx.meta, [{ action: auditActions[kind], entityType: "bulkOperation", entityId: row.id, before: null, after: row }]);
  await appendEvents(tx, ctx.meta, [changedEvent(row)]);
  return row;
}

/**
 * Validates the comment that is added to each instance.
 * @throws BadUserInput
 */
export function assertComment(comment: string | null | undefined): void {
  const problems = textProblems("input.comment", comment, { max: 10_000, mayBeEmpty: true, hasLines: true });
  if (problems.length > 0) throw new BadUserInput(problems);
}

/**
 * Returns the targets, or fails if there are none, too many, or a different number than the caller has seen.
 * @param total number of instances found, if the targets are only the oldest of them
 */
export function checkedTargets(
  targets: readonly Target[],
  {
    path,
    expectedTotal,
    total = targets.length,
    noun = { one: "running instance", many: "running instances" },
  }: {
    readonly path: string;
    readonly expectedTotal?: number | null | undefined;
    readonly total?: number;
    readonly noun?: { readonly one: string; readonly many: string };
  },
): readonly Target[] {
  if (targets.length > MAX_TARGETS)
    throw new BadUserInput([{ path, message: `The filter matches more than ${MAX_TARGETS} ${noun.many}, the maximum for one operation.` }]);
  if (typeof expectedTotal === "number" && expectedTotal !== total)
    throw new Conflict(`There are ${total} ${noun.many} now, not ${expectedTotal}. Review the preview again and retry.`);
  if (targets.length === 0) throw new BadUserInput([{ path, message: `No ${noun.one} that you can change was found.` }]);
  return targets;
}

/** Wakes the runner after a commit. Only a hint: the runner also polls. */
export function wakeBulkRunner({ services, log }: Context): void {
  services.pubsub.publish(channels.bulk, "").catch((error: unknown) => log.debug({ err: error }, "could not announce bulk operations"));
}
