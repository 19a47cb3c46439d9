import { BadUserInput, Conflict, LimitExceeded, NotFound, type Problem, quote } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { decodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { isDay, type VersionedIdInput } from "@weft/api/inputs";
import { sql } from "drizzle-orm";
import { moneyProblems } from "../../money/money-problems.js";
import type { MoneyInput } from "../../money/money.type.js";
import { lockContract } from "../contract.store.js";
import {
  countObligations,
  findObligation,
  insertObligation,
  lockObligation,
  type ObligationRow,
  type ShownObligation,
  updateObligationRow,
} from "./obligation.store.js";
import { type AddContractObligationInput, obligationColumns, type UpdateContractObligationInput } from "./obligation.type.js";

/** Obligations of one contract. */
const maxObligations = 200;

/** @throws NotFound (contract), BadUserInput, LimitExceeded (`obligations`), Conflict (idempotency key) */
export async function addObligation(ctx: Context, input: AddContractObligationInput): Promise<ShownObligation> {
  const contractId = decodeId("contract", input.contractId, "input.contractId");
  assertFields(input);
  const { dueOn, amount, reminderDays } = input;
  const row = await ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "addContractObligation", input }, async () => {
      if ((await lockContract(tx, ctx.viewer, contractId, "contract.update")) === null) throw new NotFound("Contract", input.contractId);
      const used = await countObligations(tx, contractId);
      if (used >= maxObligations) throw new LimitExceeded({ limit: "obligations", used, allowed: maxObligations });
      const { tenantId, userId: createdBy } = ctx.viewer;
      const place = { tenantId, id: newId(), contractId, createdBy };
      const values = { ...obligationColumns.plain(input), anchorOn: dueOn, ...moneyColumns(amount ?? null) };
      const after = await insertObligation(tx, { ...place, ...values, ...(reminderDays && { reminderDays: thresholds(reminderDays) }) });
      await recordChange(tx, ctx.meta, { event: eventOf("contractObligation.created", after), before: null, after });
      return after;
    });
    return getObligation(tx, id);
  });
  await wakeWorkers(ctx.services);
  return row;
}

/** @throws NotFound, BadUserInput, Conflict (another version; it is done) */
export async function updateObligation(ctx: Context, input: UpdateContractObligationInput): Promise<ShownObligation> {
  assertFields(input);
  const given = obligationColumns.changes(input);
  const row = await ctx.inTenant(async (tx) => {
    const before = await openObligation(ctx, tx, input);
    assertOpen(before);
    const { amount: money, ...plain } = given;
    const isRescheduled = given.dueOn !== undefined || given.recurrence !== undefined;
    const after = await updateObligationRow(tx, before.id, {
      ...plain,
      ...(given.reminderDays && { reminderDays: thresholds(given.reminderDays) }),
      ...(money !== undefined && moneyColumns(money)),
      ...(isRescheduled && { anchorOn: given.dueOn ?? before.dueOn, completedCount: 0 }),
      dueAt: sql`app.weft_now()`,
    });
    const event = { ...eventOf("contractObligation.updated", before), payload: { changed: Object.keys(given) } };
    await recordChange(tx, ctx.meta, { event, before, after });
    return getObligation(tx, before.id);
  });
  await wakeWorkers(ctx.services);
  return row;
}

/** Removes an obligation. @throws NotFound, Conflict (another version) */
export async function removeObligation(ctx: Context, input: VersionedIdInput): Promise<void> {
  await ctx.inTenant(async (tx) => {
    const before = await openObligation(ctx, tx, input);
    await updateObligationRow(tx, before.id, { deletedAt: sql`app.weft_now()`, deletedBy: ctx.meta.actorId, dueAt: null });
    await recordChange(tx, ctx.meta, { event: eventOf("contractObligation.deleted", before), before, after: null });
  });
}

/**
 * Locks the contract of an obligation, and returns the obligation to change: all changes of the obligations of a contract are in order.
 * @throws NotFound if `contract.update` does not cover the contract; Conflict if the version is not the expected one
 */
export async function openObligation(
  ctx: Context,
  tx: Tx,
  { id, expectedVersion }: { readonly id: string; readonly expectedVersion?: number | null },
): Promise<ObligationRow> {
  const uuid = decodeId("contractObligation", id, "input.id");
  const found = await findObligation(tx, uuid);
  const contract = found && (await lockContract(tx, ctx.viewer, found.contractId, "contract.update"));
  // Read again under the lock of the contract.
  const row = contract && (await lockObligation(tx, uuid));
  if (!row) throw new NotFound("TrackedObligation", id);
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile("contractObligation", row.version);
  return row;
}

/** @throws Conflict if the obligation is done */
export function assertOpen({ title, doneAt }: ObligationRow): void {
  if (doneAt !== null) throw new Conflict(`The obligation ${quote(title)} is already done.`, { currentState: "DONE" });
}

/** Returns an obligation that was written in this transaction, or replayed from an earlier one. @throws NotFound if it was removed meanwhile */
export async function getObligation(tx: Tx, id: string): Promise<ShownObligation> {
  const row = await findObligation(tx, id);
  if (row === null) throw new NotFound("TrackedObligation", id);
  return row;
}

const eventOf = <Type extends string>(type: Type, { contractId }: ObligationRow) => ({
  type,
  related: { contract: contractId },
  payload: {},
});

const moneyColumns = (money: MoneyInput | null) => ({ amount: money?.amount ?? null, currency: money?.currency ?? null });

const thresholds = (days: readonly number[]): number[] => [...new Set(days)].toSorted((a, b) => b - a);

/** @throws BadUserInput with every problem */
function assertFields({ title, dueOn, amount, reminderDays }: Omit<UpdateContractObligationInput, "id">): void {
  const problems: Problem[] = [...obligationColumns.textProblems({ title }), ...moneyProblems("input.amount", amount)];
  if (typeof dueOn === "string" && !isDay(dueOn))
    problems.push({ path: "input.dueOn", message: `${quote(dueOn)} is not a valid date. Use YYYY-MM-DD.` });
  if (reminderDays && (reminderDays.length > 10 || reminderDays.some((days) => days < 1 || days > 365)))
    problems.push({ path: "input.reminderDays", message: "Use at most 10 numbers, each from 1 to 365." });
  if (problems.length > 0) throw new BadUserInput(problems);
}
