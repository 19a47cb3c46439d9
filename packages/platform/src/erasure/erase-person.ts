import type { ErasureReceipt } from "@weft/drizzle";
import { deleteAddressHashes } from "./address-hashes.store.js";
import { metaOfWork } from "../events/meta-of-work.js";
import { deleteFile } from "../files/due-files.js";
import { findIdentifyingValues, findTablesWithCopies, replaceSomeCopies, type Searched } from "./copies.store.js";
import { asAppWhileDue, asEraserWhileDue, type ErasedPerson, type ErasureParts } from "./due-transactions.js";
import { countPersonalRows, deleteSomeOf, deleteSomeWordsOf, findTablesWithId, replaceSomeOf } from "./erase-rows.store.js";
import { planErasure, readColumnFacts, type TablePlan } from "./erasure-plan.js";
import { countDeletedFiles, detachFiles, findFilesAboutPerson, findFilesOfExports, findFilesOfPerson } from "./person-files.store.js";
import { deleteSomePayloads } from "./payloads.store.js";
import { isDistinctive } from "./identifying-values.js";
import { ReceiptInProgress } from "./receipt.js";
import { findSharedValues } from "./shared-values.store.js";

/** Rows that a transaction changes, so that none holds locks for long. */
const BATCH = 2_000;
/** Words of searches that a transaction deletes. */
const WORDS_BATCH = 20_000;
/** Rows that a transaction searches for copies. */
const COPIES_BATCH = 5_000;
/** Payloads of webhooks that a transaction decrypts. */
const PAYLOADS_BATCH = 500;
/** Files that a transaction deletes, each with its audit entry. */
const FILES_BATCH = 200;

interface Parts extends ErasureParts {
  /** Called when the erasure is certain to begin. */
  readonly onBegin?: () => Promise<void>;
  /** Called after each transaction that has changed something, with everything that was done so far. */
  readonly onProgress?: (receipt: ErasureReceipt) => Promise<void>;
  /** What earlier attempts have done, and the values that they searched for. */
  readonly earlier?: { readonly receipt: ErasureReceipt | null; readonly values: readonly string[] };
  /** Names and addresses from the person's own row, if it was removed. */
  readonly formerValues?: readonly string[];
  /** Keeps the values by which copies of the person's data are found, because the person's own row loses them before the last search. */
  readonly keepValues?: (values: readonly string[]) => Promise<void>;
  /** Stops between two transactions. What is left is done by the next attempt. */
  readonly signal?: AbortSignal;
}

/**
 * Erases a person from all tables of a tenant. What to do follows from the register of personal data and the catalog. It runs in many transactions, and can
 * be repeated after an interruption. The key of the person is destroyed last, which erases the person from audit entries and emails.
 *
 * The database refuses every change unless a second person has approved it and no legal hold covers the person.
 * @returns the receipt, which includes what earlier attempts have done
 * @throws ErasureNotDue, and the reason of the signal
 */
export async function erasePerson(parts: Parts, person: ErasedPerson): Promise<ErasureReceipt> {
  const { keyring, onBegin, onProgress, keepValues, earlier } = parts;
  const { tenantId, personId, kind } = person;
  const plans = await asAppWhileDue(parts, person, async (tx) => planErasure(kind, await readColumnFacts(tx)));
  await onBegin?.();
  const done = new ReceiptInProgress(earlier?.receipt ?? null, onProgress);
  const present = await findValuesToSearch(parts, person, done);
  const values = [...new Set([...(earlier?.values ?? []), ...present])];
  if (present.length > 0) await keepValues?.(values);
  await replaceCopies(parts, person, { values, done });
  await deleteFiles(parts, person, done);
  await deleteSearchWords(parts, person, plans);
  for (const plan of plans) await eraseRows(parts, person, { plan, done });
  // Again, because of what was copied, uploaded or exported before the person's own row had lost the values.
  await replaceCopies(parts, person, { values, done });
  await deleteFiles(parts, person, done);
  await assertGone(parts, person, plans);
  await asAppWhileDue(parts, person, async (tx) => {
    await deleteAddressHashes(tx, personId);
    await keyring.destroy(tx, tenantId, personId);
  });
  return done.receipt;
}

/**
 * Returns the values by which copies of the person's data are found. One that others have, too, is not searched for: its copies can be about them, and what
 * is replaced cannot be brought back.
 */
async function findValuesToSearch(parts: Parts, person: ErasedPerson, done: ReceiptInProgress): Promise<string[]> {
  const own = await asEraserWhileDue(parts, person, (tx) => findIdentifyingValues(tx, person.table, person.personId));
  const values = [...new Set([...own, ...(parts.formerValues ?? []).filter(isDistinctive)])];
  if (values.length === 0) return [];
  const shared = await asAppWhileDue(parts, person, (tx) => findSharedValues(tx, person.personId, values));
  await done.addSharedValues(shared.size);
  return values.filter((value) => !shared.has(value));
}

interface RowsToErase {
  readonly plan: TablePlan;
  readonly done: ReceiptInProgress;
}

async function eraseRows(parts: Parts, person: ErasedPerson, { plan, done }: RowsToErase): Promise<void> {
  const { personId } = person;
  const next = (): Promise<number> =>
    plan.action === "DELETE"
      ? asAppWhileDue(parts, person, (tx) => deleteSomeOf(tx, plan, personId, BATCH))
      : asEraserWhileDue(parts, person, (tx) => replaceSomeOf(tx, plan, personId, BATCH));
  // Until nothing is left: a row that has changed meanwhile is skipped.
  for (let changed = await next(); changed > 0; changed = await next()) {
    await done.addRows(plan.table, changed);
    parts.signal?.throwIfAborted();
  }
}

/** The policies of the database refuse silently. */
async function assertGone(parts: Parts, person: ErasedPerson, plans: readonly TablePlan[]): Promise<void> {
  const left = await asEraserWhileDue(parts, person, async (tx) => {
    const tables: string[] = [];
    for (const plan of plans) if ((await countPersonalRows(tx, plan, person.personId)) > 0) tables.push(plan.table);
    return tables;
  });
  if (left.length > 0) throw new Error(`Personal values are left in ${left.join(", ")}.`);
}

interface CopiesToReplace {
  readonly values: readonly string[];
  readonly done: ReceiptInProgress;
}

async function replaceCopies(parts: Parts, person: ErasedPerson, { values, done }: CopiesToReplace): Promise<void> {
  if (values.length === 0) return;
  const { tenantId } = person;
  for (const table of await asEraserWhileDue(parts, person, findTablesWithCopies))
    await searchAll(
      parts,
      (after) => asEraserWhileDue(parts, person, (tx) => replaceSomeCopies(tx, table, { values, after, limit: COPIES_BATCH })),
      (changed) => done.addCopies(table.table, changed),
    );
  await searchAll(
    parts,
    (after) =>
      asAppWhileDue(parts, person, (tx) => deleteSomePayloads(tx, parts.secrets, { tenantId, values, after, limit: PAYLOADS_BATCH })),
    (changed) => done.addCopies("events.webhook_deliveries", changed),
  );
}

/** Searches a table from its first row to its last one. */
async function searchAll(
  { signal }: Parts,
  search: (after: string | null) => Promise<Searched>,
  count: (changed: number) => Promise<void>,
): Promise<void> {
  let after: string | null = null;
  do {
    signal?.throwIfAborted();
    const searched: Searched = await search(after);
    await count(searched.changed);
    after = searched.after;
  } while (after !== null);
}

async function deleteSearchWords(parts: Parts, person: ErasedPerson, plans: readonly TablePlan[]): Promise<void> {
  const written = plans.filter(({ relation }) => relation === "AUTHOR");
  const withId = await asAppWhileDue(parts, person, (tx) =>
    findTablesWithId(
      tx,
      written.map(({ table }) => table),
    ),
  );
  for (const plan of written.filter(({ table }) => withId.has(table))) {
    const next = (): Promise<number> => asAppWhileDue(parts, person, (tx) => deleteSomeWordsOf(tx, plan, person.personId, WORDS_BATCH));
    while ((await next()) > 0) parts.signal?.throwIfAborted();
  }
}

/** Deletes files with the person's data: exports, and, if the person is erased, those that the person has uploaded. A worker deletes their bytes. */
async function deleteFiles(parts: Parts, person: ErasedPerson, done: ReceiptInProgress): Promise<void> {
  const { tenantId, personId, kind } = person;
  const ids = await asAppWhileDue(parts, person, async (tx) => [
    ...new Set([
      ...(kind === "ERASE" ? await findFilesOfPerson(tx, personId) : []),
      ...(await findFilesOfExports(tx)),
      ...(await findFilesAboutPerson(tx, personId)),
    ]),
  ]);
  for (let start = 0; start < ids.length; start += FILES_BATCH) {
    parts.signal?.throwIfAborted();
    const batch = ids.slice(start, start + FILES_BATCH);
    const deleted = await asAppWhileDue(parts, person, async (tx) => {
      await detachFiles(tx, batch);
      for (const id of batch) await deleteFile(tx, metaOfWork("privacy", tenantId, parts.keyring), id);
      return countDeletedFiles(tx, batch);
    });
    await done.addFiles(deleted);
  }
}
