import { scope } from "@weft/drizzle";
import { cancelInstance } from "@weft/engine";
import { BadUserInput, Conflict, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { createOnce, once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { keysetPage, type Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { getLocked } from "../projects/update-project.service.js";
import { getApprovalMachine, startApproval } from "./approval.js";
import { computeChange, type ComputedChange } from "./compute.js";
import { proposalOf } from "./proposal.js";
import { ScopeChangeFilter, ScopeChangeOrder } from "./scope-change.filter.js";
import type { ProposeScopeChangeInput, ScopeChangesArgs, WithdrawScopeChangeInput } from "./scope-change.input.js";
import {
  countScopeChanges,
  findScopeChanges,
  insertScopeChange,
  lockScopeChange,
  nextScopeChangeNumber,
  type ScopeChangeRow,
  selectScopeChangesSlice,
  type ShownScopeChange,
  updateScopeChangeRow,
  visibleScopeChanges,
} from "./scope-change.store.js";
import { type ScopeChange, toScopeChange } from "./scope-change.type.js";

/** Returns a page of the changes that the viewer can see. @throws BadUserInput if the filter, the page size or a cursor is not valid */
export function listScopeChanges(ctx: Context, { filter, orderBy, ...args }: ScopeChangesArgs): Promise<Page<ScopeChange>> {
  const where = and(visibleScopeChanges(ctx.viewer, "scope.read"), ScopeChangeFilter.toSql(filter, "filter", ctx.viewer));
  return keysetPage<ShownScopeChange, ScopeChange>(ctx, {
    args,
    list: "scopeChanges",
    orderBy: ScopeChangeOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: scope.scopeChanges.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectScopeChangesSlice(tx, and(where, slice.where), slice)),
    count: () => ctx.read((tx) => countScopeChanges(tx, where)),
    toNode: toScopeChange,
  });
}

/**
 * Computes the impact of a change, stores both, and starts the approval, in one transaction.
 * @throws NotFound, BadUserInput, Conflict (the scope is not approved; idempotency key used with different input), TransitionRejected
 */
export async function proposeScopeChange(ctx: Context, input: ProposeScopeChangeInput): Promise<ShownScopeChange> {
  const projectId = decodeId("project", input.projectId, "input.projectId");
  const proposal = proposalOf(input);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "proposeScopeChange", input }, async () => {
      const project = await getLocked(tx, ctx.viewer, { id: projectId, permission: "scope.update", expectedVersion: null });
      const number = await nextScopeChangeNumber(tx, projectId);
      const computed = await computeChange(ctx, tx, { project, proposal, number });
      const machine = await getApprovalMachine(ctx, tx, "input.projectId");
      const { tenantId, userId } = ctx.viewer;
      const row = await insertScopeChange(tx, {
        tenantId,
        id: newId(),
        projectId,
        number,
        reason: input.reason.trim(),
        proposal,
        ...computed,
        instanceId: newId(),
        createdBy: userId,
      });
      await record(ctx, tx, "propose", { before: null, after: row });
      await startApproval(ctx, tx, row, { machine, project, computed });
      return row;
    });
    return getScopeChange(ctx, tx, id);
  });
}

/**
 * Computes the impact of a stale change again, and starts its approval over.
 * @throws NotFound, Conflict (another version; not stale; what it changes no longer exists), BadUserInput, TransitionRejected
 */
export async function refreshScopeChange(ctx: Context, input: KeyedVersionedIdInput): Promise<ShownScopeChange> {
  const id = decodeId("scopeChange", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "refreshScopeChange", key: input.idempotencyKey, input }, async () => {
      const before = await openScopeChange(ctx, tx, input);
      if (before.status !== "STALE")
        throw new Conflict(`The change ${before.number} is ${before.status}. Only a stale change can be refreshed.`, {});
      const project = await getLocked(tx, ctx.viewer, { id: before.projectId, permission: "scope.update", expectedVersion: null });
      const computed = await recompute(ctx, tx, { project, before });
      const machine = await getApprovalMachine(ctx, tx, "input.id");
      const after = await updateScopeChangeRow(tx, id, { status: "IN_APPROVAL", outcomeReason: null, ...computed, instanceId: newId() });
      await record(ctx, tx, "refresh", { before, after });
      await startApproval(ctx, tx, after, { machine, project, computed });
      return { id };
    });
    return getScopeChange(ctx, tx, id);
  });
}

/** The input has only the ID of the change, so problems of the proposal are no problems of the input. */
async function recompute(
  ctx: Context,
  tx: Tx,
  { project, before }: { readonly project: Parameters<typeof computeChange>[2]["project"]; readonly before: ScopeChangeRow },
): Promise<ComputedChange> {
  const { proposal, number } = before;
  try {
    return await computeChange(ctx, tx, { project, proposal, number });
  } catch (error) {
    if (!(error instanceof BadUserInput)) throw error;
    const reasons = error.problems.map(({ message }) => message).join(" ");
    throw new Conflict(`The change ${number} can no longer be made. ${reasons} Withdraw it, and propose another one.`, {});
  }
}

/**
 * Withdraws a change that is in approval, by canceling its approval, or that is stale.
 * @throws NotFound, BadUserInput, Conflict (another version; it was decided)
 */
export async function withdrawScopeChange(ctx: Context, input: WithdrawScopeChangeInput): Promise<ShownScopeChange> {
  const id = decodeId("scopeChange", input.id, "input.id");
  const { comment } = input;
  const problems = textProblems("input.comment", comment, { max: 2000, hasLines: true });
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const [found] = await findScopeChanges(tx, ctx.viewer, [id], "scope.update");
    if (!found) throw new NotFound("ScopeChange", input.id);
    assertVersion(found, input.expectedVersion);
    // The trigger that follows the approval withdraws the change. It locks the approval first, as a decision does.
    if (found.status === "IN_APPROVAL") await cancelInstance(tx, ctx.meta, { id: found.instanceId, comment });
    else await withdrawStale(ctx, tx, input);
    return getScopeChange(ctx, tx, id);
  });
}

async function withdrawStale(ctx: Context, tx: Tx, input: WithdrawScopeChangeInput): Promise<void> {
  const before = await openScopeChange(ctx, tx, input);
  if (before.status !== "STALE") throw new Conflict(`The change ${before.number} is ${before.status}, and cannot be withdrawn.`, {});
  const after = await updateScopeChangeRow(tx, before.id, { status: "WITHDRAWN", outcomeReason: input.comment ?? null });
  await record(ctx, tx, "withdraw", { before, after });
}

const eventTypes = { propose: "scopeChange.proposed", refresh: "scopeChange.refreshed", withdraw: "scopeChange.withdrawn" } as const;

async function record(
  ctx: Context,
  tx: Tx,
  verb: keyof typeof eventTypes,
  { before, after }: { readonly before: ScopeChangeRow | null; readonly after: ScopeChangeRow },
): Promise<void> {
  const { id, version } = after;
  await appendEvents(tx, ctx.meta, [{ type: eventTypes[verb], subjectId: id, subjectVersion: version, payload: {} }]);
  const entry = { action: `scopeChange.${verb}`, entityType: "scopeChange", entityId: id } as const;
  await writeAudit(tx, ctx.meta, [{ ...entry, before: before && imageOf(before), after: imageOf(after) }]);
}

/** Locks and returns the change. @throws NotFound, Conflict */
async function openScopeChange(
  ctx: Context,
  tx: Tx,
  { id, expectedVersion }: { readonly id: string; readonly expectedVersion?: number | null },
): Promise<ScopeChangeRow> {
  const row = await lockScopeChange(tx, ctx.viewer, decodeId("scopeChange", id, "input.id"), "scope.update");
  if (row === null) throw new NotFound("ScopeChange", id);
  assertVersion(row, expectedVersion);
  return row;
}

function assertVersion({ version }: ShownScopeChange, expected: number | null | undefined): void {
  if (typeof expected === "number" && expected !== version) throw changedMeanwhile("scopeChange", version);
}

async function getScopeChange(ctx: Context, tx: Tx, id: string): Promise<ShownScopeChange> {
  const [row] = await findScopeChanges(tx, ctx.viewer, [id], "scope.update");
  if (!row) throw new NotFound("ScopeChange", encodeId("scopeChange", id));
  return row;
}

/** Without what is computed from the rest, which can be large, and without the comment of the user who rejected or withdrew the change. */
const imageOf = ({ impact: _impact, application: _application, outcomeReason, ...row }: ScopeChangeRow) => ({
  ...row,
  ...(row.status === "STALE" && { outcomeReason }),
});
