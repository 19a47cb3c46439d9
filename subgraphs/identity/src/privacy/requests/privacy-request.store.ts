import { audit, files as fileTables, privacy } from "@weft/drizzle";
import { Conflict } from "@weft/shared/errors";
import { atVersion, insertedRow, mapDatabaseError, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import type { ErasureState } from "@weft/platform/erasure";
import { DueQueue } from "@weft/platform/queues";
import { and, eq, inArray, ne, or, type SQL, sql } from "drizzle-orm";

const { auditEntries } = audit;
const { privacyRequests } = privacy;
const { files } = fileTables;

export type PrivacyRequestRow = typeof privacyRequests.$inferSelect;
export type NewPrivacyRequest = typeof privacyRequests.$inferInsert;

/** How requests wait for a worker after their approval. */
const waiting = {
  table: privacyRequests,
  dueAt: "dueAt",
  tries: "tries",
  claims: "claims",
  claimTime: "10 minutes",
  // People can demand it in an archived tenant, too.
  isDoneInAllTenants: true,
} as const;

export const exportQueue = new DueQueue({ ...waiting, name: "PrivacyExport", only: eq(privacyRequests.kind, "EXPORT") });

/** Anonymizations and erasures. */
export const erasureQueue = new DueQueue({ ...waiting, name: "Erasure", only: ne(privacyRequests.kind, "EXPORT") });

/** Message of an erasure that a legal hold stops. */
export const heldMessage = "A legal hold covers the person.";

/** The claim that a worker has. After that of another worker, it matches nothing. */
const isClaimed = ({ id, claims }: Pick<PrivacyRequestRow, "id" | "claims">): SQL | undefined =>
  and(eq(privacyRequests.id, id), eq(privacyRequests.claims, claims), eq(privacyRequests.status, "APPROVED"));

export async function findPrivacyRequest(tx: Tx, id: string): Promise<PrivacyRequestRow | null> {
  const [row] = await named("findPrivacyRequest", tx.select().from(privacyRequests).where(eq(privacyRequests.id, id)));
  return row ?? null;
}

export async function lockPrivacyRequest(tx: Tx, id: string): Promise<PrivacyRequestRow | null> {
  const [row] = await named("lockPrivacyRequest", tx.select().from(privacyRequests).where(eq(privacyRequests.id, id)).for("update"));
  return row ?? null;
}

/** Whether an erasure of the person has been approved, and is not completed. */
export async function isBeingErased(tx: Tx, personId: string): Promise<boolean> {
  const isOfErasure = and(ne(privacyRequests.kind, "EXPORT"), eq(privacyRequests.status, "APPROVED"));
  const query = tx
    .select({ id: privacyRequests.id })
    .from(privacyRequests)
    .where(and(eq(privacyRequests.personId, personId), isOfErasure))
    .limit(1);
  return (await named("isBeingErased", query)).length > 0;
}

/**
 * Days for which somebody who has created or changed the account of another user cannot be the other one of two people, and somebody who has ended a legal
 * hold neither of them.
 */
export const accountDays = 7;

/** Whether one of two users has created or changed the account of the other, by the audit trail. */
export async function hasChangedAccount(tx: Tx, one: string, other: string): Promise<boolean> {
  const by = (actorId: string, entityId: string) => and(eq(auditEntries.actorId, actorId), eq(auditEntries.entityId, entityId));
  const query = tx
    .select({ id: auditEntries.id })
    .from(auditEntries)
    .where(
      and(
        or(by(one, other), by(other, one)),
        eq(auditEntries.entityType, "user"),
        sql`${auditEntries.at} > now() - make_interval(days => ${accountDays}::int)`,
      ),
    )
    .limit(1);
  return (await named("hasChangedAccount", query)).length > 0;
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

export interface Postponed {
  readonly message: string | null;
  /** A database interval. */
  readonly interval: string;
  /** Attempts that have failed in a row, if this one did not. */
  readonly tries?: number;
}

/** Makes a worker try again later, and says why. Does nothing if another worker has taken over. */
export async function postponePrivacyRequest(tx: Tx, row: PrivacyRequestRow, { message, interval, tries }: Postponed): Promise<void> {
  const set = { message, dueAt: sql`now() + ${interval}::interval`, updatedAt: sql`now()`, ...(tries !== undefined && { tries }) };
  await named("postponePrivacyRequest", tx.update(privacyRequests).set(set).where(isClaimed(row)));
}

/** Makes erasures that a legal hold has stopped due now, because one has ended. Those that a worker executes have no message. */
export async function hastenErasures(tx: Tx): Promise<void> {
  const waits = and(ne(privacyRequests.kind, "EXPORT"), eq(privacyRequests.status, "APPROVED"), eq(privacyRequests.message, heldMessage));
  await named(
    "hastenErasures",
    tx
      .update(privacyRequests)
      .set({ dueAt: sql`now()` })
      .where(waits),
  );
}

/** Returns whether an erasure that a user has requested or approved is open, and its person is covered by a legal hold. */
export async function waitsForHold(tx: Tx, userId: string): Promise<boolean> {
  const isOpen = and(ne(privacyRequests.kind, "EXPORT"), inArray(privacyRequests.status, ["REQUESTED", "APPROVED"]));
  const isOfUser = or(eq(privacyRequests.requestedBy, userId), eq(privacyRequests.decidedBy, userId));
  const query = tx
    .select({ id: privacyRequests.id })
    .from(privacyRequests)
    .where(and(isOpen, isOfUser, sql`app.is_held(${privacyRequests.personId})`))
    .limit(1);
  return (await named("waitsForHold", query)).length > 0;
}

/** Claims an approved erasure, if it is not completed, whenever it is due. */
export const claimErasure = (tx: Tx, id: string): Promise<PrivacyRequestRow | null> =>
  writtenRow(
    named(
      "claimErasure",
      tx
        .update(privacyRequests)
        .set({ dueAt: erasureQueue.claimEnd, claims: sql`${privacyRequests.claims} + 1` })
        .where(and(eq(privacyRequests.id, id), eq(privacyRequests.status, "APPROVED")))
        .returning(),
    ),
  );

/** Begins an erasure: from then on, it cannot be withdrawn. Returns false if it was withdrawn before, or if another worker has taken over. */
export async function beginErasure(tx: Tx, row: PrivacyRequestRow): Promise<boolean> {
  const receipt = sql`coalesce(${privacyRequests.receipt}, '{"rows": {}, "copies": {}, "files": 0}')`;
  const begun = await writtenRow(
    named("beginErasure", tx.update(privacyRequests).set({ receipt, message: null }).where(isClaimed(row)).returning()),
  );
  return begun !== null;
}

/** Keeps the values that an erasure searches for, encrypted. Returns false if another worker has taken over: its values can be more. */
export async function keepSoughtValues(tx: Tx, row: PrivacyRequestRow, soughtValues: string): Promise<boolean> {
  const kept = await named(
    "keepSoughtValues",
    tx.update(privacyRequests).set({ soughtValues }).where(isClaimed(row)).returning({ id: privacyRequests.id }),
  );
  return kept.length > 0;
}

/**
 * Keeps what an erasure has done so far, in the transaction that does it, and extends the claim. Returns false if another worker has taken over. Runs as the purge
 * role, too, which can change these columns only.
 */
export async function recordProgress(tx: Tx, row: PrivacyRequestRow, { receipt, progress }: ErasureState): Promise<boolean> {
  const recorded = await named(
    "recordErasureProgress",
    tx
      .update(privacyRequests)
      .set({ receipt, progress, dueAt: erasureQueue.claimEnd })
      .where(isClaimed(row))
      .returning({ id: privacyRequests.id }),
  );
  return recorded.length > 0;
}

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
