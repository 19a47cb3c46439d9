import type { ErasureReceipt } from "@weft/drizzle";
import { asTenant } from "../db/as-tenant.js";
import type { Databases, Tx } from "../db/database.js";
import { metaOfWork } from "../events/meta-of-work.js";
import { deleteFile } from "../files/due-files.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import { becomePurger } from "../purge/purge.store.js";
import { showDeleted } from "../db/show-deleted.js";
import { findIdentifyingValues, findTablesWithCopies, replaceSomeCopies, type Searched } from "./copies.store.js";
import { countPersonalRows, deleteRowsOf, deleteWordsOf, findTablesWithId, isErasureDue, replaceSomeOf } from "./erase-rows.store.js";
import { type ErasureKind, planErasure, readColumnFacts, type TablePlan } from "./erasure-plan.js";
import { detachFiles, findFilesAboutPerson, findFilesOfExports, findFilesOfPerson } from "./person-files.store.js";

/** Rows that a transaction changes, so that none holds locks for long. */
const BATCH = 2_000;
/** Rows that a transaction searches for copies. */
const COPIES_BATCH = 5_000;

/** A person whose erasure has been approved. `table` has the person's own row: `identity.users` or `vendors.vendor_contacts`. */
export interface ErasedPerson {
  readonly tenantId: string;
  readonly personId: string;
  readonly table: string;
  readonly kind: ErasureKind;
}

interface Parts {
  /** Called when the erasure is certain to begin. */
  readonly onBegin?: () => Promise<void>;
  readonly databases: Pick<Databases, "app" | "worker">;
  readonly keyring: PersonKeyring;
}

/** A legal hold covers the person, or nobody has approved the erasure. Nothing was changed since this was noticed. */
export class ErasureNotDue extends Error {}

/**
 * Erases a person from all tables of a tenant. What to do follows from the register of personal data and the catalog. It runs in many transactions, and can
 * be repeated after an interruption. The key of the person is destroyed last, which erases the person from audit entries and emails.
 *
 * The database refuses every change unless a second person has approved it and no legal hold covers the person.
 * @throws ErasureNotDue
 */
export async function erasePerson(parts: Parts, person: ErasedPerson): Promise<ErasureReceipt> {
  const { databases, keyring } = parts;
  const { tenantId, personId, kind } = person;
  const asApp = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);
  await assertDue(parts, person);
  await parts.onBegin?.();
  const plans = await asApp(async (tx) => planErasure(kind, await readColumnFacts(tx)));
  const copies = await replaceCopies(parts, person);
  const files = await deleteFiles(parts, person);
  await asApp((tx) => deleteSearchWords(tx, plans, personId));
  const rows: Record<string, number> = {};
  for (const plan of plans) {
    const changed =
      plan.action === "DELETE" ? await asApp((tx) => deleteRowsOf(tx, plan, personId)) : await replaceRows(parts, person, plan);
    if (changed > 0) rows[plan.table] = (rows[plan.table] ?? 0) + changed;
  }
  await assertGone(parts, person, plans);
  await asApp((tx) => keyring.destroy(tx, tenantId, personId));
  return { rows, copies, files };
}

const asEraser = <T>({ databases }: Parts, { tenantId }: ErasedPerson, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  asTenant(databases.worker, { tenantId }, "write", async (tx) => {
    await becomePurger(tx);
    return fn(tx);
  });

async function assertDue(parts: Parts, person: ErasedPerson): Promise<void> {
  if (!(await asEraser(parts, person, (tx) => isErasureDue(tx, person.personId))))
    throw new ErasureNotDue("A legal hold covers the person, or the erasure is not approved.");
}

async function replaceRows(parts: Parts, person: ErasedPerson, plan: TablePlan): Promise<number> {
  let total = 0;
  for (let changed = BATCH; changed >= BATCH; total += changed)
    changed = await asEraser(parts, person, (tx) => replaceSomeOf(tx, plan, person.personId, BATCH));
  return total;
}

/** The policies of the database refuse silently, for example when a legal hold was placed meanwhile. */
async function assertGone(parts: Parts, person: ErasedPerson, plans: readonly TablePlan[]): Promise<void> {
  const left = await asEraser(parts, person, async (tx) => {
    const tables: string[] = [];
    for (const plan of plans) if ((await countPersonalRows(tx, plan, person.personId)) > 0) tables.push(plan.table);
    return tables;
  });
  if (left.length === 0) return;
  await assertDue(parts, person);
  throw new Error(`Personal values are left in ${left.join(", ")}.`);
}

async function replaceCopies(parts: Parts, person: ErasedPerson): Promise<Record<string, number>> {
  const [values, tables] = await asEraser(parts, person, async (tx) => [
    await findIdentifyingValues(tx, person.table, person.personId),
    await findTablesWithCopies(tx),
  ]);
  const changedRows: Record<string, number> = {};
  if (values.length === 0) return changedRows;
  for (const table of tables) {
    const search = (after: string | null): Promise<Searched> =>
      asEraser(parts, person, (tx) => replaceSomeCopies(tx, table, { values, after, limit: COPIES_BATCH }));
    let { after, changed } = await search(null);
    while (after !== null) {
      const next = await search(after);
      after = next.after;
      changed += next.changed;
    }
    if (changed > 0) changedRows[table.table] = changed;
  }
  return changedRows;
}

async function deleteSearchWords(tx: Tx, plans: readonly TablePlan[], personId: string): Promise<void> {
  await showDeleted(tx);
  const written = plans.filter(({ relation }) => relation === "AUTHOR");
  const withId = await findTablesWithId(
    tx,
    written.map(({ table }) => table),
  );
  for (const plan of written) if (withId.has(plan.table)) await deleteWordsOf(tx, plan, personId);
}

/** Deletes files with the person's data: exports, and, if the person is erased, those that the person has uploaded. A worker deletes their bytes. */
async function deleteFiles({ databases, keyring }: Parts, { tenantId, personId, kind }: ErasedPerson): Promise<number> {
  return asTenant(databases.app, { tenantId }, "write", async (tx) => {
    const uploaded = kind === "ERASE" ? await findFilesOfPerson(tx, personId) : [];
    if (uploaded.length > 0) await detachFiles(tx, uploaded);
    const ids = new Set([...uploaded, ...(await findFilesOfExports(tx)), ...(await findFilesAboutPerson(tx, personId))]);
    for (const id of ids) await deleteFile(tx, metaOfWork("privacy", tenantId, keyring), id);
    return ids.size;
  });
}
