import { files as fileTables, privacy } from "@weft/drizzle";
import { Conflict } from "@weft/shared/errors";
import { atVersion, insertedRow, mapDatabaseError, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { DueQueue } from "@weft/platform/queues";
import { and, eq, type SQL, sql } from "drizzle-orm";

const { privacyRequests } = privacy;
const { files } = fileTables;

export type PrivacyRequestRow = typeof privacyRequests.$inferSelect;
export type NewPrivacyRequest = typeof privacyRequests.$inferInsert;

/** Approved requests that wait for a worker. */
export const privacyQueue = new DueQueue({
  name: "PrivacyRequest",
  table: privacyRequests,
  dueAt: "dueAt",
  tries: "tries",
  claimTime: "10 minutes",
});

export async function findPrivacyRequest(tx: Tx, id: string): Promise<PrivacyRequestRow | null> {
  const [row] = await named("findPrivacyRequest", tx.select().from(privacyRequests).where(eq(privacyRequests.id, id)));
  return row ?? null;
}

export async function lockPrivacyRequest(tx: Tx, id: string): Promise<PrivacyRequestRow | null> {
  const [row] = await named("lockPrivacyRequest", tx.select().from(privacyRequests).where(eq(privacyRequests.id, id)).for("update"));
  return row ?? null;
}

/** @throws Conflict if another request about the person is open */
export async function insertPrivacyRequest(tx: Tx, values: NewPrivacyRequest): Promise<PrivacyRequestRow> {
  try {
    return await insertedRow(named("insertPrivacyRequest", tx.insert(privacyRequests).values(values).returning()));
  } catch (error) {
    throw mapDatabaseError(error, {
      privacy_requests_open_key: () => new Conflict("Another request to anonymize or erase the person is open. Decide on that one first."),
    });
  }
}

type Change = Partial<Omit<NewPrivacyRequest, "dueAt" | "decidedAt" | "finishedAt">> & {
  readonly dueAt?: SQL | null;
  readonly decidedAt?: SQL;
  readonly finishedAt?: SQL;
};

/** Changes a request with the status `from`. Null if it has another one, or has changed since `version`. */
export const changePrivacyRequest = (
  tx: Tx,
  { id, version }: Pick<PrivacyRequestRow, "id" | "version">,
  from: string,
  change: Change,
): Promise<PrivacyRequestRow | null> =>
  writtenRow(
    named(
      "changePrivacyRequest",
      tx
        .update(privacyRequests)
        .set({ ...change, ...nextVersion(privacyRequests) })
        .where(and(atVersion(privacyRequests, id, version), eq(privacyRequests.status, from)))
        .returning(),
    ),
  );

/** Makes a worker try again later, and says why. */
export async function postponePrivacyRequest(
  tx: Tx,
  id: string,
  { message, interval }: { readonly message: string; readonly interval: string },
): Promise<void> {
  const set = { message, dueAt: sql`now() + ${interval}::interval`, updatedAt: sql`now()` };
  await named(
    "postponePrivacyRequest",
    tx
      .update(privacyRequests)
      .set(set)
      .where(and(eq(privacyRequests.id, id), eq(privacyRequests.status, "APPROVED"))),
  );
}

/** Begins an attempt to write the file of an export. Null if the file no longer exists. */
export const beginExportFile = (tx: Tx, id: string): Promise<typeof files.$inferSelect | null> =>
  writtenRow(
    named(
      "beginExportFile",
      tx
        .update(files)
        .set({ attempt: sql`${files.attempt} + 1`, dueAt: sql`now() + interval '1 day'` })
        .where(and(eq(files.id, id), eq(files.status, "PENDING")))
        .returning(),
    ),
  );

/** Records the bytes of an export. The file expires a day later. Null if another attempt has superseded this one. */
export const storeExportFile = (
  tx: Tx,
  { id, attempt, ...stored }: { readonly id: string; readonly attempt: number; readonly size: number; readonly sha256: string },
): Promise<typeof files.$inferSelect | null> =>
  writtenRow(
    named(
      "storeExportFile",
      tx
        .update(files)
        .set({ ...stored, type: "application/zip", status: "STORED", storedAt: sql`now()`, dueAt: sql`now() + interval '1 day'` })
        .where(and(eq(files.id, id), eq(files.attempt, attempt), eq(files.status, "PENDING")))
        .returning(),
    ),
  );
