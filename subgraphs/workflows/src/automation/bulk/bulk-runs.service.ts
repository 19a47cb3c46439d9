/** Changes of many runs. They are operations of the bulk runner, whose items are runs. */
import { automation, sharing } from "@weft/drizzle";
import { actorOf, cancelRun, resumeRun, retryFromStep, type RunRequest } from "@weft/engine";
import { BadUserInput, Forbidden } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { hasPermission, type Permission } from "@weft/shared/viewer";
import { among, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { and, eq, inArray, not, type SQL } from "drizzle-orm";
import { BulkKind, type BulkOperationRow } from "../../bulk/bulk.type.js";
import { assertComment, checkedTargets, createOperation, createOperationIn, MAX_TARGETS } from "../../bulk/create-operation.js";
import type { Doing, Perform } from "../../bulk/run/run-item.js";
import { ofShares, RunFilter } from "../run.filter.js";
import { selectOldestRuns } from "../run.store.js";
import { toRun, type RunStatus } from "../run.type.js";
import {
  countTargetRuns,
  isContinued,
  selectFoundIds,
  selectInstanceVersion,
  selectTargetRuns,
  targetRunsWhere,
  type RunCount,
} from "./bulk-runs.store.js";
import { BulkRunAction, type BulkChangeRunsInput, type BulkRunPreview, type PreviewBulkRunsArgs } from "./bulk-runs.type.js";

const { runs } = automation;
const { definitionShareUses } = sharing;

const MAX_IDS = 1_000;
const MAX_SAMPLE = 10;
const RUNS = { one: "run", many: "runs" };

interface ActionRule {
  readonly kind: BulkKind;
  readonly permission: Permission;
  readonly statuses: readonly `${RunStatus}`[];
  /** Whether a run that another one continues is rejected. */
  readonly isOnce: boolean;
}

const rules: Readonly<Record<BulkRunAction, ActionRule>> = {
  CANCEL: { kind: BulkKind.CANCEL_RUNS, permission: "workflow.cancel", statuses: ["RUNNING", "PAUSED"], isOnce: false },
  RESUME: { kind: BulkKind.RESUME_RUNS, permission: "workflow.cancel", statuses: ["PAUSED"], isOnce: false },
  RETRY: { kind: BulkKind.RETRY_RUNS, permission: "workflow.start", statuses: ["FAILED", "CANCELLED"], isOnce: true },
};

const isOpen = ({ statuses, isOnce }: ActionRule): SQL | undefined =>
  and(inArray(runs.status, [...statuses]), isOnce ? not(isContinued) : undefined);

/** Previews changing all runs of a selection. Nothing is written. Whether the rules of a run allow the action is known only when it is done. */
export async function previewBulkRuns(ctx: Context, { action, ...selection }: PreviewBulkRunsArgs): Promise<BulkRunPreview> {
  const rule = ruleOf(ctx, action);
  const { where, ids } = readSelection(ctx, rule, selection, "");
  return ctx.read(async (tx) => {
    await assertAllFound(tx, where, ids, "");
    const counts = await countTargetRuns(tx, where);
    const sample = await selectOldestRuns(tx, and(where, isOpen(rule)), MAX_SAMPLE);
    const rejected = counts.flatMap((one) => {
      const reason = reasonOf(rule, one);
      return reason === null ? [] : [{ message: reason, count: one.count }];
    });
    const reasons = [...Map.groupBy(rejected, ({ message }) => message)]
      .map(([message, same]) => ({ message, count: sumOf(same) }))
      .toSorted((one, other) => other.count - one.count);
    const total = sumOf(counts);
    const refused = sumOf(rejected);
    return { total, open: total - refused, rejected: refused, reasons, sample: sample.map(toRun) };
  });
}

const sumOf = (counts: readonly { readonly count: number }[]): number => counts.reduce((sum, { count }) => sum + count, 0);

function reasonOf({ statuses, isOnce }: ActionRule, { status, isContinued: isLast }: RunCount): string | null {
  if (!statuses.includes(status as RunStatus)) return `The run is ${status}.`;
  return isOnce && isLast ? "The run was already continued." : null;
}

/** Changes every run of a selection, separately, on behalf of the viewer and with the rights that the viewer has when the run is processed. */
export async function bulkChangeRuns(ctx: Context, { idempotencyKey, ...input }: BulkChangeRunsInput): Promise<BulkOperationRow> {
  const { action, comment, expectedTotal } = input;
  const rule = ruleOf(ctx, action);
  assertComment(comment);
  const { where, ids } = readSelection(ctx, rule, input, "input.");
  return createOperation(ctx, { mutation: "bulkChangeRuns", key: idempotencyKey, input }, async (tx) => {
    await assertAllFound(tx, where, ids, "input.");
    const targets = await selectTargetRuns(tx, where, MAX_TARGETS + 1);
    const path = ids ? "input.runIds" : "input.filter";
    return { kind: rule.kind, params: {}, comment: comment ?? null, targets: checkedTargets(targets, { path, expectedTotal, noun: RUNS }) };
  });
}

/**
 * Creates the operation that cancels everything that another tenant has started by a share and that has not ended, in the transaction of the caller: the
 * oldest 10,000 runs. Null if there are none. The caller wakes the runner.
 * @throws Forbidden, LimitExceeded
 */
export async function cancelRunsOfShare(tx: Tx, ctx: Context, shareId: string): Promise<BulkOperationRow | null> {
  if (!hasPermission(ctx.viewer, "workflow.bulk")) throw new Forbidden("To cancel the open runs, you need the permission workflow.bulk.");
  const rule = ruleOf(ctx, BulkRunAction.CANCEL);
  const where = targetRunsWhere(ctx.viewer, rule.permission, and(ofShares(eq(definitionShareUses.shareId, shareId)), isOpen(rule)));
  const targets = await selectTargetRuns(tx, where, MAX_TARGETS);
  if (targets.length === 0) return null;
  return createOperationIn(tx, ctx, { kind: rule.kind, params: {}, comment: "The share of the definition was revoked.", targets });
}

/** @throws Forbidden */
function ruleOf({ viewer }: Context, action: BulkRunAction): ActionRule {
  const rule = rules[action];
  if (!hasPermission(viewer, rule.permission)) throw new Forbidden(`${action} requires the permission ${rule.permission}.`);
  return rule;
}

interface Selection {
  readonly filter?: FilterValue | null | undefined;
  readonly runIds?: readonly string[] | null | undefined;
}

/**
 * Returns the condition of a selection, and the UUIDs if IDs were passed. A filter finds only runs whose status allows the action. Of IDs each has a result.
 * @param path prefix of the argument names: `input.` or empty
 */
function readSelection(
  { viewer }: Context,
  rule: ActionRule,
  { filter, runIds }: Selection,
  path: string,
): { readonly where: SQL | undefined; readonly ids: readonly string[] | null } {
  const hasIds = runIds !== null && runIds !== undefined;
  if (hasIds === (filter !== null && filter !== undefined))
    throw new BadUserInput([{ path: `${path}filter`, message: "Pass either filter or runIds." }]);
  const reachable = (where: SQL | undefined): SQL | undefined => targetRunsWhere(viewer, rule.permission, where);
  if (!hasIds) return { where: reachable(and(RunFilter.toSql(filter, `${path}filter`, viewer), isOpen(rule))), ids: null };
  if (runIds.length > MAX_IDS)
    throw new BadUserInput([{ path: `${path}runIds`, message: `${runIds.length} IDs were passed; the maximum is ${MAX_IDS}.` }]);
  const ids = runIds.map((id, at) => decodeId("run", id, `${path}runIds.${at}`));
  return { where: reachable(among(runs.id, ids)), ids };
}

async function assertAllFound(tx: Tx, where: SQL | undefined, ids: readonly string[] | null, path: string): Promise<void> {
  if (ids === null) return;
  const found = new Set((await selectFoundIds(tx, where)).map(({ id }) => id));
  const problems = ids.flatMap((id, at) =>
    found.has(id)
      ? []
      : [{ path: `${path}runIds.${at}`, message: `No Run with the ID ${encodeId("run", id)} that you can change exists.` }],
  );
  if (problems.length > 0) throw new BadUserInput(problems);
}

const performed =
  (change: (tx: Tx, meta: WriteMeta, request: RunRequest, operation: BulkOperationRow) => Promise<unknown>): Perform =>
  async (tx, meta, { viewer, operation, item }: Doing) => {
    if (item.runId === null) throw new Error(`item ${item.position} of ${operation.id} has no run`);
    await change(tx, meta, { id: item.runId, actor: actorOf(viewer) }, operation);
    return { version: await selectInstanceVersion(tx, item.instanceId) };
  };

/** Cancels one run. Errors: as `cancelRun`. */
export const cancelOneRun = performed((tx, meta, request, { comment }) => cancelRun(tx, meta, { ...request, comment }));

/** Resumes one run. Errors: as `resumeRun`. */
export const resumeOneRun = performed((tx, meta, request) => resumeRun(tx, meta, request));

/** Continues one run with the steps that have no usable result. Errors: as `retryFromStep`. */
export const retryOneRun = performed((tx, meta, request) => retryFromStep(tx, meta, { ...request, step: null, inputs: undefined }));
