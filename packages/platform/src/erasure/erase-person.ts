import { setTimeout as delay } from "node:timers/promises";
import type { ErasureProgress, ErasureReceipt } from "@weft/drizzle";
import type { Tx } from "../db/database.js";
import { deleteAddressHashes } from "./address-hashes.store.js";
import { findIdentifyingValues, findTablesWithCopies } from "./copies.store.js";
import { asAppWhileDue, asEraserWhileDue, type ErasedPerson, type ErasureParts, ErasureWaits } from "./due-transactions.js";
import { countPersonalRows } from "./erase-rows.store.js";
import { planErasure, readColumnFacts, type TablePlan } from "./erasure-plan.js";
import { type ErasureStep, stepsOf } from "./erasure-steps.js";
import { isDistinctive } from "./identifying-values.js";
import { countFilesToErase } from "./person-files.store.js";
import { hashOfPlan } from "./plan-hash.js";
import { emptyReceipt } from "./receipt.js";
import { findSharedValues } from "./shared-values.store.js";

/** What an erasure has done so far, and where it continues. */
export interface ErasureState {
  readonly receipt: ErasureReceipt;
  /** Null: from the start. */
  readonly progress: ErasureProgress | null;
}

interface Parts extends ErasureParts {
  /** Called when the erasure is certain to begin. */
  readonly onBegin?: () => Promise<void>;
  /**
   * Records what was done, in the transaction that did it, possibly as the purge role. If it throws, because another worker has taken over, nothing of the
   * transaction remains.
   */
  readonly record?: (tx: Tx, state: ErasureState) => Promise<void>;
  /** What earlier attempts have done, and the values that they searched for. */
  readonly earlier?: Omit<ErasureState, "receipt"> & { readonly receipt: ErasureReceipt | null; readonly values: readonly string[] };
  /** Names and addresses from the person's own row, if it was removed. */
  readonly formerValues?: readonly string[];
  /** Keeps the values by which copies of the person's data are found, because the person's own row loses them before the search. */
  readonly keepValues?: (values: readonly string[]) => Promise<void>;
  /** Stops between two transactions. What is left is done by the next attempt. */
  readonly signal?: AbortSignal;
}

/**
 * Erases a person from all tables of a tenant. What to do follows from the register of personal data and the catalog. It runs in many transactions, and
 * continues where an earlier attempt has stopped. The key of the person is destroyed last, which erases the person from audit entries and emails.
 *
 * The database refuses every change unless a second person has approved it and no legal hold covers the person.
 * @returns the receipt, which includes what earlier attempts have done
 * @throws ErasureNotDue, ErasureWaits, and the reason of the signal
 */
export async function erasePerson(parts: Parts, person: ErasedPerson): Promise<ErasureReceipt> {
  const { keyring, onBegin, record } = parts;
  const { tenantId, personId, kind } = person;
  const plans = await asAppWhileDue(parts, person, async (tx) => planErasure(kind, await readColumnFacts(tx)));
  await onBegin?.();
  const { values, tables, hasNew, sharedCount } = await findCopies(parts, person);
  const earlier = parts.earlier?.receipt ?? emptyReceipt;
  // A later attempt finds the same ones, as long as the person's row has them.
  const receipt = { ...earlier, sharedValues: Math.max(earlier.sharedValues ?? 0, sharedCount) };
  const allSteps = stepsOf(parts, person, { plans, tables, values });
  const plan = hashOfPlan({ steps: allSteps, plans, tables });
  const progress = hasNew || parts.earlier?.progress?.plan !== plan ? null : parts.earlier.progress;
  let state: ErasureState = { receipt, progress };
  const steps = progress?.repeat === "ROWS" ? stepsOf(parts, person, { plans, tables, values: [] }) : allSteps;
  const first = Math.max(
    0,
    steps.findIndex(({ name }) => name === progress?.step),
  );
  for (let at = first; at < steps.length; at++) state = await finishStep(parts, person, { steps, at, plan, state });
  await assertGone(parts, person, { plans, steps, plan, state });
  await asAppWhileDue(parts, person, async (tx) => {
    await deleteAddressHashes(tx, personId);
    await keyring.destroy(tx, tenantId, personId);
    await record?.(tx, state);
  });
  return state.receipt;
}

/**
 * Returns what copies are found by, and where, and whether an earlier attempt did not search for all of the values. A value that others have, too, is not
 * searched for: its copies can be about them, and what is replaced cannot be brought back.
 */
async function findCopies(parts: Parts, person: ErasedPerson) {
  const { own, tables } = await asEraserWhileDue(parts, person, async (tx) => ({
    own: await findIdentifyingValues(tx, person.table, person.personId),
    tables: await findTablesWithCopies(tx),
  }));
  const found = [...new Set([...own, ...(parts.formerValues ?? []).filter(isDistinctive)])];
  const shared: ReadonlySet<string> =
    found.length === 0 ? new Set() : await asAppWhileDue(parts, person, (tx) => findSharedValues(tx, person.personId, found));
  const known = parts.earlier?.values ?? [];
  const values = [...new Set([...known, ...found.filter((value) => !shared.has(value))])];
  const hasNew = values.length > known.length;
  if (hasNew) await parts.keepValues?.(values);
  return { values, tables, hasNew, sharedCount: shared.size };
}

interface StepInProgress {
  readonly steps: readonly ErasureStep[];
  readonly at: number;
  /** See `ErasureProgress`. */
  readonly plan: string;
  readonly state: ErasureState;
}

/** Stops after a transaction at the earliest, so that every attempt comes further. */
async function finishStep(parts: Parts, person: ErasedPerson, { steps, at, plan, state: before }: StepInProgress): Promise<ErasureState> {
  const [step, next] = [steps[at], steps[at + 1]];
  if (step === undefined) return before;
  const inRole = step.role === "APP" ? asAppWhileDue : asEraserWhileDue;
  for (let state = before; ;) {
    const { receipt, progress } = state;
    const ran = await inRole(parts, person, async (tx) => {
      const done = await step.run(tx, progress?.step === step.name ? progress.after : null, receipt);
      const isNext = done.isDone && next !== undefined;
      const after = {
        receipt: step.count(receipt, done.changed),
        progress: { ...progress, plan, ...(isNext ? { step: next.name, after: null } : { step: step.name, after: done.after }) },
      };
      if (done.changed > 0 || !done.isDone || parts.signal?.aborted === true) await parts.record?.(tx, after);
      return { after, done };
    });
    state = ran.after;
    const { isDone, waitSeconds } = ran.done;
    if (isDone && next === undefined) return state;
    if (waitSeconds !== undefined && waitSeconds >= 1) throw new ErasureWaits(waitSeconds);
    parts.signal?.throwIfAborted();
    if (waitSeconds !== undefined) await delay(waitSeconds * 1_000);
    if (isDone) return state;
  }
}

interface Finished {
  readonly plans: readonly TablePlan[];
  readonly steps: readonly ErasureStep[];
  readonly plan: string;
  readonly state: ErasureState;
}

/**
 * The policies of the database refuse silently, and rows and exports can have been written meanwhile. If something is left, the next attempt repeats no more
 * than needed: in a large tenant the search for copies takes hours, and somebody always exports a list. A new legal hold waits for one table at most.
 */
async function assertGone(parts: Parts, person: ErasedPerson, { plans, steps, plan, state }: Finished): Promise<void> {
  const count = (countOf: (tx: Tx) => Promise<number>): Promise<number> =>
    asEraserWhileDue(parts, person, async (tx) => {
      const counted = await countOf(tx);
      // Keeps the claim.
      await parts.record?.(tx, state);
      return counted;
    });
  const left: TablePlan[] = [];
  for (const table of plans) if ((await count((tx) => countPersonalRows(tx, table, person.personId))) > 0) left.push(table);
  const hasFiles = (await count((tx) => countFilesToErase(tx, person))) > 0;
  if (left.length === 0 && !hasFiles) return;
  const step = (left.length > 0 ? steps[0] : steps.at(-1))?.name ?? "";
  const repeat = left.some((table) => table.person === "id") ? "EVERYTHING" : "ROWS";
  await asEraserWhileDue(parts, person, async (tx) => parts.record?.(tx, { ...state, progress: { plan, step, after: null, repeat } }));
  const tables = [...left.map(({ table }) => table), ...(hasFiles ? ["app.files"] : [])];
  throw new Error(`Personal values are left in ${tables.join(", ")}.`);
}
