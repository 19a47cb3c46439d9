import { vendors as tables } from "@weft/drizzle";
import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId, newId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { workersAmong } from "@weft/platform/directory";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { nextNumber, numberingOf } from "@weft/api/numbers";
import { type Page, tablePage } from "@weft/api/pages";
import { and, sql } from "drizzle-orm";
import { canSeeProject } from "../projects/project.service.js";
import { findVendors } from "../vendors/vendor.service.js";
import { columnsOfContent, contentOfChanged, contentOfNew, givenParts } from "./contract-content.js";
import { findOpenVersion, insertVersion, updateVersion } from "./contract-version.store.js";
import { ContractFilter, ContractOrder } from "./contract.filter.js";
import type { ContractsArgs } from "./contract.input.js";
import {
  type ContractChanges,
  type ContractRow,
  countRunningWorkflows,
  findContracts,
  insertContract,
  lockContract,
  lockDeletedContract,
  updateContractRow,
  visibleContracts,
} from "./contract.store.js";
import { type Contract, contractColumns, type CreateContractInput, toContract, type UpdateContractInput } from "./contract.type.js";
import { assertNoneRuns } from "../workflows-about.js";

/** Returns a page of the contracts that the viewer can see. @throws BadUserInput if the filter, the page size or a cursor is not valid */
export function listContracts(ctx: Context, { filter, orderBy, ...args }: ContractsArgs): Promise<Page<Contract>> {
  return tablePage(ctx, {
    list: "contracts",
    args,
    table: tables.contracts,
    where: and(visibleContracts(ctx.viewer, "contract.read"), ContractFilter.toSql(filter, "filter", ctx.viewer)),
    orderBy: ContractOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    toNode: toContract,
  });
}

/** Creates a contract with its first version, a draft. @throws BadUserInput, Conflict (idempotency key used with different input) */
export async function createContract(ctx: Context, input: CreateContractInput): Promise<Contract> {
  assertInternal(input);
  const vendorId = decodeId("vendor", input.vendorId, "input.vendorId");
  const projectId = decodeIdOrNull("project", input.projectId, "input.projectId") ?? null;
  const ownerId = decodeIdOrNull("user", input.ownerId, "input.ownerId") ?? ctx.viewer.userId;
  const numbering = await numberingOf(ctx);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createContract", input }, async () => {
      const vendor = (await findVendors(tx, ctx, [vendorId])).get(vendorId);
      if (!vendor) throw new BadUserInput([{ path: "input.vendorId", message: `No vendor with the ID ${quote(input.vendorId)} exists.` }]);
      await assertReferences(ctx, tx, { projectId, ownerId: input.ownerId ? ownerId : null });
      const content = await contentOfNew(ctx, tx, input, vendor);
      const { tenantId, userId } = ctx.viewer;
      const row = await insertContract(tx, {
        tenantId,
        id: newId(),
        number: `C-${await nextNumber(tx, "contract", numbering)}`,
        kind: input.kind,
        vendorId,
        projectId,
        ownerId,
        ownerNotes: input.ownerNotes,
        ...(input.reminderDays && { reminderDays: input.reminderDays }),
        ...columnsOfContent(content),
        createdBy: userId,
      });
      await insertVersion(tx, { tenantId, contractId: row.id, number: 1, vendorId, content, createdBy: userId });
      await recordChange(tx, ctx.meta, {
        event: { type: "contract.created", related: { vendor: vendorId }, payload: { number: row.number, title: row.title } },
        before: null,
        after: { ...row, content },
      });
      return row;
    });
    return getContract(ctx, tx, id);
  });
}

/**
 * Changes a contract. What the parties agree on changes in the draft; as long as no version is signed, the contract itself shows it.
 * @throws NotFound, BadUserInput, Conflict (another version; nothing to agree on is a draft)
 */
export async function updateContract(ctx: Context, input: UpdateContractInput): Promise<Contract> {
  assertInternal(input);
  const projectId = decodeIdOrNull("project", input.projectId, "input.projectId");
  const ownerId = decodeIdOrNull("user", input.ownerId, "input.ownerId") ?? null;
  const given = givenParts(input);
  const changes: ContractChanges = {
    ...(input.kind && { kind: input.kind }),
    ...(projectId !== undefined && { projectId }),
    ...(ownerId !== null && { ownerId }),
    ...(typeof input.ownerNotes === "string" && { ownerNotes: input.ownerNotes }),
    ...(input.reminderDays && { reminderDays: input.reminderDays }),
  };
  const changed = [...Object.keys(changes), ...given];
  if (changed.length === 0)
    throw new BadUserInput([{ path: "input", message: "Nothing to change. Provide at least one field of the contract." }]);
  return ctx.inTenant(async (tx) => {
    const before = await openContract(ctx, tx, input, "contract.update");
    await assertReferences(ctx, tx, { projectId: projectId ?? null, ownerId });
    const images = given.length === 0 ? null : await changeDraft(ctx, tx, before, input);
    const shown = images && before.signedNumber === null ? columnsOfContent(images.after) : {};
    // A worker plans the new reminders. It looks only at contracts with a version in force.
    const due = input.reminderDays && before.signedNumber !== null ? { dueAt: sql`app.weft_now()` } : {};
    const after = await updateContractRow(tx, before.id, { ...changes, ...shown, ...due });
    await recordChange(tx, ctx.meta, {
      event: { type: "contract.updated", related: { vendor: before.vendorId }, payload: { changed } },
      before: { ...before, ...(images && { content: images.before }) },
      after: { ...after, ...(images && { content: images.after }) },
    });
    return toContract(after);
  });
}

async function changeDraft(ctx: Context, tx: Tx, contract: ContractRow, input: UpdateContractInput) {
  const draft = await findOpenVersion(tx, contract.id);
  if (draft === null)
    throw new Conflict(
      `The contract ${quote(contract.number)} is signed. Create a version with createContractVersion, and change that.`,
      {},
    );
  if (draft.status === "IN_APPROVAL")
    throw new Conflict(`Version ${draft.number} of the contract ${quote(contract.number)} is in approval. Cancel the approval first.`, {});
  const after = await contentOfChanged(ctx, tx, input, draft.content);
  await updateVersion(tx, draft, { content: after });
  return { before: draft.content, after };
}

/** Deletes a contract that was never submitted. @throws NotFound, Conflict (another version; it was submitted; workflows about it run) */
export async function deleteContract(ctx: Context, input: VersionedIdInput): Promise<void> {
  await ctx.inTenant(async (tx) => {
    const before = await openContract(ctx, tx, input, "contract.update");
    const draft = await findOpenVersion(tx, before.id);
    if (before.signedNumber !== null || draft === null || draft.submittedAt !== null)
      throw new Conflict(`The contract ${quote(before.number)} was submitted, and cannot be deleted. Terminate it if it is in force.`, {});
    assertNoneRuns({ kind: "contract", code: before.number }, await countRunningWorkflows(tx, before.id));
    await updateContractRow(tx, before.id, { deletedAt: sql`now()`, deletedBy: ctx.meta.actorId });
    await recordChange(tx, ctx.meta, {
      event: { type: "contract.deleted", related: { vendor: before.vendorId }, payload: {} },
      before,
      after: null,
    });
  });
}

/** Restores a deleted contract. @throws NotFound (not deleted, too), Conflict (another version) */
export async function restoreContract(ctx: Context, input: VersionedIdInput): Promise<Contract> {
  const id = decodeId("contract", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await lockDeletedContract(tx, id);
    if (before === null) throw new NotFound("Contract", input.id);
    assertVersion(before, input.expectedVersion);
    const after = await updateContractRow(tx, id, { deletedAt: null, deletedBy: null });
    await recordChange(tx, ctx.meta, {
      event: { type: "contract.restored", related: { vendor: before.vendorId }, payload: {} },
      before: null,
      after,
    });
    return toContract(after);
  });
}

/**
 * Locks and returns the contract to change.
 * @throws NotFound if the permission does not cover it for the viewer; Conflict if its version is not the expected one
 */
export async function openContract(
  ctx: Context,
  tx: Tx,
  { id, expectedVersion }: { readonly id: string; readonly expectedVersion?: number | null },
  permission: Permission,
): Promise<ContractRow> {
  const row = await lockContract(tx, ctx.viewer, decodeId("contract", id, "input.id"), permission);
  if (!row) throw new NotFound("Contract", id);
  assertVersion(row, expectedVersion);
  return row;
}

/** Returns a contract that an input references. Null if the viewer cannot see it. */
export async function findReadableContract({ viewer }: Context, tx: Tx, id: string): Promise<ContractRow | null> {
  const [row] = await findContracts(tx, viewer, [id]);
  return row ?? null;
}

/** Returns the contract for a payload, with the viewer's current rights. @throws NotFound */
export async function getContract(ctx: Context, tx: Tx, id: string): Promise<Contract> {
  const [row] = await findContracts(tx, ctx.viewer, [id]);
  if (!row) throw new NotFound("Contract", encodeId("contract", id));
  return toContract(row);
}

function assertVersion(row: ContractRow, expected: number | null | undefined): void {
  if (typeof expected === "number" && expected !== row.version) throw changedMeanwhile("contract", row.version);
}

function assertInternal({ ownerNotes, reminderDays }: Pick<UpdateContractInput, "ownerNotes" | "reminderDays">): void {
  const problems = contractColumns.textProblems({ ownerNotes });
  if (reminderDays && (reminderDays.length > 10 || reminderDays.some((days) => days < 1 || days > 3650)))
    problems.push({ path: "input.reminderDays", message: "Use at most 10 numbers, each from 1 to 3650." });
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** @throws BadUserInput if the project is unknown, or the owner is not an active user of the organization itself */
async function assertReferences(
  ctx: Context,
  tx: Tx,
  { projectId, ownerId }: { readonly projectId: string | null; readonly ownerId: string | null },
): Promise<void> {
  if (projectId !== null && !(await canSeeProject(tx, ctx, projectId)))
    throw new BadUserInput([{ path: "input.projectId", message: "No project with this ID exists." }]);
  if (ownerId !== null && (await workersAmong(tx, [ownerId])).size === 0)
    throw new BadUserInput([{ path: "input.ownerId", message: "No active user of your own organization with this ID exists." }]);
}
