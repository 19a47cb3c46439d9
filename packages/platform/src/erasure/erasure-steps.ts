import type { ErasureReceipt } from "@weft/drizzle";
import type { Tx } from "../db/database.js";
import { metaOfWork } from "../events/meta-of-work.js";
import { detachFiles } from "../files/detach-files.js";
import { deleteFile } from "../files/due-files.js";
import { lockFiles } from "../files/file.store.js";
import { type CopiesTable, replaceSomeCopies } from "./copies.store.js";
import type { ErasedPerson, ErasureParts } from "./due-transactions.js";
import { type CommentTable, deleteSomeOf, deleteSomeWordsOf, replaceSomeOf, type Step } from "./erase-rows.store.js";
import type { TablePlan } from "./erasure-plan.js";
import { deleteSomePayloads, isSendingDeliveries, waitForAnswers } from "./payloads.store.js";
import { amongFilesToErase, countDeletedFiles, findFilesToErase } from "./person-files.store.js";
import { type Count, countCopies, countFiles, countNothing, countRows } from "./receipt.js";
import { waitForTransactions } from "./running-transactions.store.js";

/** Rows that a transaction changes, so that none holds locks for long. */
const BATCH = 2_000;
/** Comments whose words a transaction deletes. */
const WORDS_BATCH = 1_000;
/** Rows that a transaction searches for copies. */
const COPIES_BATCH = 10_000;
/** Payloads of webhooks that a transaction decrypts. */
const PAYLOADS_BATCH = 500;
/** Files that a transaction deletes, each with its audit entry. */
const FILES_BATCH = 200;

/** A step of an erasure, which takes any number of transactions. */
export interface ErasureStep {
  /** Unique among the steps of an erasure. */
  readonly name: string;
  /** ERASER: the purge role, which can change personal values everywhere. */
  readonly role: "APP" | "ERASER";
  /**
   * @param after where the transaction before has ended
   * @param receipt what was done so far
   */
  readonly run: (tx: Tx, after: string | null, receipt: ErasureReceipt) => Promise<Step>;
  readonly count: Count;
}

export interface StepsOf {
  readonly plans: readonly TablePlan[];
  readonly tables: readonly CopiesTable[];
  /** By which copies are found. */
  readonly values: readonly string[];
}

/**
 * Returns the steps of an erasure in their order. Copies are searched after the person's own row has lost the values, so that none is made later. Files come
 * last: exports can be made until then.
 */
export const stepsOf = (parts: ErasureParts, person: ErasedPerson, { plans, tables, values }: StepsOf): readonly ErasureStep[] => [
  // Before the texts: the index by which the entries are found has only those with a text.
  ...deleteWords(person, plans, ["workflows.history"]),
  ...plans.map((plan) => eraseRows(person, plan)),
  // After the texts: a comment that is changed meanwhile is indexed again.
  ...deleteWords(person, plans, ["requests.comments", "workflows.internal_comments"]),
  ...(values.length > 0 ? copySteps(parts, person, { tables, values }) : []),
  deleteFiles(parts, person),
];

/**
 * Whatever is made of something comes after it: payloads are made of events, and are what an endpoint repeats in its answer, which its attempt keeps. Of the
 * others, none is made of another.
 */
function copySteps(parts: ErasureParts, person: ErasedPerson, { tables, values }: Omit<StepsOf, "plans">): readonly ErasureStep[] {
  const isOfEvents = ({ table }: CopiesTable): boolean => table === "events.log";
  return [
    awaitTransactions,
    ...tables.filter(isOfEvents).map((table) => replaceCopies(table, values)),
    deletePayloads(parts, person, values),
    awaitAnswers,
    ...tables.filter((table) => !isOfEvents(table)).map((table) => replaceCopies(table, values)),
  ];
}

/** None if the texts stay. */
const deleteWords = ({ personId }: ErasedPerson, plans: readonly TablePlan[], tables: readonly CommentTable[]): readonly ErasureStep[] =>
  tables
    .filter((table) => plans.some((plan) => plan.table === table))
    .map((table) => ({
      name: `words ${table}`,
      role: "APP",
      run: (tx, after) => deleteSomeWordsOf(tx, table, personId, { after, limit: WORDS_BATCH }),
      count: countNothing,
    }));

const eraseRows = ({ personId }: ErasedPerson, plan: TablePlan): ErasureStep => ({
  name: `rows ${plan.table} ${plan.person}`,
  role: plan.action === "DELETE" ? "APP" : "ERASER",
  run: async (tx) => {
    const changed = await (plan.action === "DELETE" ? deleteSomeOf : replaceSomeOf)(tx, plan, personId, BATCH);
    // Until nothing is left: a row that has changed meanwhile is skipped.
    return { changed, isDone: changed === 0, after: null };
  },
  count: countRows(plan.table),
});

const replaceCopies = (table: CopiesTable, values: readonly string[]): ErasureStep => ({
  name: `copies ${table.table}`,
  role: "ERASER",
  run: (tx, after) => replaceSomeCopies(tx, table, { values, after, limit: COPIES_BATCH }),
  count: countCopies(table.table),
});

const deletePayloads = ({ secrets }: ErasureParts, { tenantId }: ErasedPerson, values: readonly string[]): ErasureStep => ({
  name: "payloads",
  role: "APP",
  run: (tx, after) => deleteSomePayloads(tx, secrets, { tenantId, values, after, limit: PAYLOADS_BATCH }),
  count: countCopies("events.webhook_deliveries"),
});

/** Before the search: whoever has read the person's name before it was replaced has written it, if at all, before the copies are searched. */
const awaitTransactions: ErasureStep = { name: "transactions", role: "APP", run: waitForTransactions, count: countNothing };

/** Only payloads that were deleted contained the person, and events with copies. The deletion of a payload ends its delivery's claim. */
const awaitAnswers: ErasureStep = {
  name: "answers",
  role: "APP",
  run: async (tx, after, { copies }) => {
    const isWaiting = after !== null || copies["events.webhook_deliveries"] !== undefined;
    const waits = isWaiting || (copies["events.log"] !== undefined && (await isSendingDeliveries(tx)));
    return waits ? waitForAnswers(tx, after) : { changed: 0, isDone: true, after: null };
  },
  count: countNothing,
};

/** A worker deletes the bytes of the files. */
const deleteFiles = ({ keyring }: ErasureParts, person: ErasedPerson): ErasureStep => ({
  name: "files",
  role: "APP",
  run: async (tx) => {
    const found = await findFilesToErase(tx, person, FILES_BATCH);
    if (found.length === 0) return { changed: 0, isDone: true, after: null };
    // Before they are detached, so that nobody attaches them to a further object meanwhile.
    await lockFiles(tx, found);
    const ids = await amongFilesToErase(tx, person, found);
    const meta = metaOfWork("privacy", person.tenantId, keyring);
    await detachFiles(tx, meta, ids);
    for (const id of ids) await deleteFile(tx, meta, id);
    const changed = await countDeletedFiles(tx, ids);
    if (changed < ids.length) throw new Error(`${ids.length - changed} of ${ids.length} files of the person could not be deleted.`);
    return { changed, isDone: false, after: null };
  },
  count: countFiles,
});
