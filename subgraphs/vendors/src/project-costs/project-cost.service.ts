import { readNow } from "@weft/engine";
import { BadUserInput, Conflict, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { createOnce, once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertDay } from "@weft/api/inputs";
import { findReadableContract } from "../contracts/contract.service.js";
import { moneyProblems } from "../money/money-problems.js";
import type { MoneyInput } from "../money/money.type.js";
import { lockProjectOfInput } from "../projects/project-of-input.service.js";
import { findVendors } from "../vendors/vendor.service.js";
import type { VoidProjectCostInput } from "./project-cost.input.js";
import { findCurrency, insertCost, findCost, lockCost, type ProjectCostRow, voidCost } from "./project-cost.store.js";
import { type CorrectProjectCostInput, costColumns, type RecordProjectCostInput } from "./project-cost.type.js";

/** Records money that was spent on a project. @throws BadUserInput, Conflict (idempotency key used with different input) */
export async function recordProjectCost(ctx: Context, input: RecordProjectCostInput): Promise<ProjectCostRow> {
  assertCost(input);
  const projectId = decodeId("project", input.projectId, "input.projectId");
  const { vendorId = null, contractId = null } = paidOf(input);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "recordProjectCost", input }, async () => {
      const {
        amount: { amount, currency },
        spentOn,
        category,
        note,
      } = input;
      return record(ctx, tx, { projectId, amount, currency, spentOn, category, note, vendorId, contractId, correctsId: null });
    });
    return getCost(ctx, tx, id);
  });
}

/**
 * Voids a cost, and records another one in its place, in one transaction.
 * @throws NotFound, BadUserInput, Conflict (another version, or voided already)
 */
export async function correctProjectCost(ctx: Context, input: CorrectProjectCostInput): Promise<ProjectCostRow> {
  assertCost(input);
  const id = decodeId("projectCost", input.id, "input.id");
  const { vendorId, contractId } = paidOf(input);
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "correctProjectCost", key: input.idempotencyKey, input }, async () => {
      const before = await voided(ctx, tx, input);
      const { amount, spentOn, category, note } = input;
      const corrected = await record(ctx, tx, {
        projectId: before.projectId,
        amount: amount?.amount ?? before.amount,
        currency: amount?.currency ?? before.currency,
        spentOn: spentOn ?? before.spentOn,
        category: category ?? before.category,
        note: note ?? before.note,
        // Another contract has its own vendor.
        vendorId: vendorId === undefined ? (contractId ? null : before.vendorId) : vendorId,
        contractId: contractId === undefined ? before.contractId : contractId,
        correctsId: id,
      });
      return { id: corrected.id };
    });
    return getCost(ctx, tx, result["id"] ?? "");
  });
}

/** Voids a cost, so that it no longer counts. @throws NotFound, BadUserInput, Conflict (another version, or voided already) */
export function voidProjectCost(ctx: Context, input: VoidProjectCostInput): Promise<ProjectCostRow> {
  assertReason(input.reason);
  return ctx.inTenant((tx) => voided(ctx, tx, input));
}

async function getCost({ viewer }: Context, tx: Tx, id: string): Promise<ProjectCostRow> {
  const row = await findCost(tx, viewer, id);
  if (row === null) throw new NotFound("Cost", encodeId("projectCost", id));
  return row;
}

async function voided(ctx: Context, tx: Tx, { id, reason, expectedVersion }: VoidProjectCostInput): Promise<ProjectCostRow> {
  const before = await lockCost(tx, ctx.viewer, decodeId("projectCost", id, "input.id"));
  if (before === null) throw new NotFound("Cost", id);
  if (typeof expectedVersion === "number" && expectedVersion !== before.version) throw changedMeanwhile("projectCost", before.version);
  if (before.voidedAt !== null) throw new Conflict(`The cost ${quote(id)} was voided already.`, { currentVersion: before.version });
  const after = await voidCost(tx, before.id, { voidedBy: ctx.meta.actorId, voidReason: reason.trim() });
  await appendEvents(tx, ctx.meta, [{ type: "projectCost.voided", subjectId: before.id, subjectVersion: after.version, payload: {} }]);
  await writeAudit(tx, ctx.meta, [{ action: "projectCost.void", entityType: "projectCost", entityId: before.id, before, after }]);
  return after;
}

type Cost = Pick<
  ProjectCostRow,
  "projectId" | "amount" | "currency" | "spentOn" | "category" | "note" | "vendorId" | "contractId" | "correctsId"
>;

/** Writes a cost. The lock of the project keeps its currency. */
async function record(ctx: Context, tx: Tx, cost: Cost): Promise<ProjectCostRow> {
  const project = await lockProjectOfInput(tx, ctx.viewer, { id: cost.projectId, path: "input.projectId" });
  const currency = project.currency ?? (await findCurrency(tx, project.id));
  if (currency !== null && currency !== cost.currency) throw wrongCurrency(`The costs of the project are in ${currency}`, cost.currency);
  const { tenantId } = ctx.viewer;
  const paid = await assertPaid(ctx, tx, cost);
  const now = await readNow(tx);
  const row = await insertCost(tx, {
    ...cost,
    ...paid,
    tenantId,
    id: newId(),
    note: cost.note.trim(),
    recordedBy: ctx.meta.actorId,
    recordedAt: now,
  });
  await appendEvents(tx, ctx.meta, [{ type: "projectCost.created", subjectId: row.id, subjectVersion: row.version, payload: {} }]);
  await writeAudit(tx, ctx.meta, [{ action: "projectCost.create", entityType: "projectCost", entityId: row.id, before: null, after: row }]);
  return row;
}

/** Returns the vendor that was paid. @throws BadUserInput if it or the contract is unknown, or they do not fit together */
async function assertPaid(ctx: Context, tx: Tx, { vendorId, contractId, currency }: Cost): Promise<{ vendorId: string | null }> {
  if (vendorId !== null && !(await findVendors(tx, ctx, [vendorId])).has(vendorId))
    throw new BadUserInput([{ path: "input.vendorId", message: "No vendor with this ID exists." }]);
  if (contractId === null) return { vendorId };
  const contract = await findReadableContract(ctx, tx, contractId);
  const refused = (message: string) => new BadUserInput([{ path: "input.contractId", message }]);
  if (contract === null) throw refused("No contract with this ID exists.");
  if (vendorId !== null && vendorId !== contract.vendorId) throw refused(`The contract ${quote(contract.number)} is with another vendor.`);
  if (currency !== contract.currency) throw wrongCurrency(`The contract ${quote(contract.number)} is in ${contract.currency}`, currency);
  return { vendorId: contract.vendorId };
}

const wrongCurrency = (why: string, currency: string): BadUserInput =>
  new BadUserInput([{ path: "input.amount.currency", message: `${why}, not in ${currency}. Convert the amount.` }]);

interface Given {
  readonly amount?: MoneyInput | null;
  readonly spentOn?: string | null;
  readonly note?: string | null;
  readonly reason?: string;
}

function assertCost({ amount, spentOn, note, reason }: Given): void {
  if (typeof spentOn === "string") assertDay(spentOn, "input.spentOn");
  const problems: Problem[] = [...moneyProblems("input.amount", amount), ...costColumns.textProblems({ note })];
  if (amount?.amount === 0) problems.push({ path: "input.amount.amount", message: "Use an amount greater than 0." });
  if (problems.length > 0) throw new BadUserInput(problems);
  if (reason !== undefined) assertReason(reason);
}

const assertReason = (reason: string): void => costColumns.assertText({ reason });

function paidOf(input: Pick<CorrectProjectCostInput, "vendorId" | "contractId">) {
  const vendorId = decodeIdOrNull("vendor", input.vendorId, "input.vendorId");
  const contractId = decodeIdOrNull("contract", input.contractId, "input.contractId");
  return { vendorId, contractId };
}
