/** Text messages that were sent or are to be sent. Their times are true times: limits protect phones and money, so they do not follow a sandbox's clock. */
import { audit } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { deleteOld } from "@weft/platform/cleaning";
import { named, type Tx } from "@weft/platform/db";
import { type Claim, Queue } from "@weft/platform/queues";
import { eq, sql } from "drizzle-orm";

const { textMessages } = audit;

/** The destination of a text message, which belongs to a user. */
export interface Addressed {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly addressHash: string;
}

/** Queues a code for a destination. */
export async function insertCode(tx: Tx, { id: destinationId, tenantId, userId, addressHash }: Addressed): Promise<void> {
  const row = { tenantId, id: newId(), userId, destinationId, addressHash, purpose: "CODE", status: "READY", nextAttemptAt: sql`now()` };
  await named("insertConfirmationCode", tx.insert(textMessages).values(row));
}

/** Counts a message with notifications. Returns its ID. */
export async function insertText(tx: Tx, { id: destinationId, tenantId, userId, addressHash }: Addressed): Promise<string> {
  const id = newId();
  await named(
    "insertTextMessage",
    tx.insert(textMessages).values({ tenantId, id, userId, destinationId, addressHash, purpose: "NOTIFICATION" }),
  );
  return id;
}

/** Stops counting a message that was not sent. */
export async function deleteText(tx: Tx, id: string): Promise<void> {
  await named("deleteTextMessage", tx.delete(textMessages).where(eq(textMessages.id, id)));
}

/** Returns how many codes a user has asked for within 24 hours, and the seconds since the newest and the oldest one. */
export async function recentCodes(tx: Tx, userId: string): Promise<{ count: number; sinceLast: number; sinceFirst: number }> {
  const [row] = await tx.execute<{ count: number; since_last: number; since_first: number }>(
    named(
      "recentConfirmationCodes",
      sql`select count(*)::int as count, coalesce(floor(extract(epoch from now() - max(created_at))), 0)::int as since_last,
          coalesce(floor(extract(epoch from now() - min(created_at))), 0)::int as since_first
        from audit.text_messages where tenant_id = app.tenant() and user_id = ${userId}::uuid and purpose = 'CODE'
          and created_at > now() - interval '1 day'`,
    ),
  );
  return { count: row?.count ?? 0, sinceLast: row?.since_last ?? 0, sinceFirst: row?.since_first ?? 0 };
}

/** A code that a user can still enter. */
export interface OpenCode {
  readonly id: string;
  readonly codeHash: string;
}

/** Returns the newest code of a destination. Null if it is not sent yet, has expired, was used, or was entered wrongly too often. */
export async function findOpenCode(tx: Tx, destinationId: string, maxTries: number): Promise<OpenCode | null> {
  const [row] = await tx.execute<{ id: string; code_hash: string | null; is_open: boolean | null }>(
    named(
      "findOpenCode",
      sql`select id, code_hash, expires_at > now() and wrong_tries < ${maxTries}::int as is_open
        from audit.text_messages where tenant_id = app.tenant() and destination_id = ${destinationId}::uuid and purpose = 'CODE'
        order by created_at desc, id desc limit 1 for update`,
    ),
  );
  return row?.is_open === true && row.code_hash !== null ? { id: row.id, codeHash: row.code_hash } : null;
}

/** Counts a wrong code. */
export async function countWrongTry(tx: Tx, id: string): Promise<void> {
  const wrongTries = sql`${textMessages.wrongTries} + 1`;
  await named("countWrongTry", tx.update(textMessages).set({ wrongTries }).where(eq(textMessages.id, id)));
}

/** Ends the validity of a code that was used. */
export async function spendCode(tx: Tx, id: string): Promise<void> {
  await named("spendConfirmationCode", tx.update(textMessages).set({ codeHash: null }).where(eq(textMessages.id, id)));
}

/** Locks the text messages of the tenant until commit, so that senders count exactly. */
export async function lockTexts(tx: Tx): Promise<void> {
  await tx.execute(named("lockTextMessages", sql`select pg_advisory_xact_lock(hashtextextended('weft.texts.' || app.tenant()::text, 0))`));
}

/** Returns the text messages of the tenant within 24 hours, and those with notifications to a number. Codes count once they are tried. */
export async function countTexts(
  tx: Tx,
  { addressHash, exceptId = null }: { readonly addressHash: string; readonly exceptId?: string | null },
): Promise<{ ofTenant: number; ofNumber: number }> {
  const [row] = await tx.execute<{ of_tenant: number; of_number: number }>(
    named(
      "countTextMessages",
      sql`select count(*)::int as of_tenant, count(*) filter (where purpose = 'NOTIFICATION' and address_hash = ${addressHash})::int as of_number
        from audit.text_messages where tenant_id = app.tenant() and created_at > now() - interval '1 day'
          and id is distinct from ${exceptId}::uuid and (status is null or status in ('SENDING', 'SENT', 'UNKNOWN'))`,
    ),
  );
  return { ofTenant: row?.of_tenant ?? 0, ofNumber: row?.of_number ?? 0 };
}

/** Returns how many codes a number has got from all tenants within 24 hours, including the one that is being sent. Runs as weft_worker. */
export async function countCodesTo(tx: Tx, addressHash: string): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    named(
      "countCodesTo",
      sql`select count(*)::int as count from audit.text_messages where address_hash = ${addressHash} and purpose = 'CODE'
        and created_at > now() - interval '1 day' and status in ('SENDING', 'SENT', 'UNKNOWN')`,
    ),
  );
  return row?.count ?? 0;
}

/** Codes that wait for the SMS gateway. One whose sender has not reported is not sent again: whether it was sent is unknown. */
export const codeQueue = new Queue({
  name: "Codes",
  table: "audit.text_messages",
  due: "next_attempt_at",
  claims: "attempts",
  ready: "READY",
  claimed: "SENDING",
  // Longer than the maximum duration of an attempt.
  leaseSeconds: 180,
});

/** A code that a sender has claimed. Its claims are the attempts, including the current one. */
export interface ClaimedCode extends Claim {
  readonly destinationId: string;
  readonly addressHash: string;
  /** Seconds since the user asked for it. */
  readonly age: number;
}

/** Claims the code that has waited longest. */
export async function claimCode(tx: Tx): Promise<ClaimedCode | null> {
  const [row] = await codeQueue.claim<ClaimedCode>(tx, {
    select: sql`q.destination_id as "destinationId", q.address_hash as "addressHash", extract(epoch from now() - q.created_at)::int as age from claimed q`,
  });
  return row ?? null;
}

/** Stores the hash of a code that is about to be sent. It is valid from now on. */
export async function startCode(
  tx: Tx,
  id: string,
  { hash, validSeconds }: { readonly hash: string; readonly validSeconds: number },
): Promise<void> {
  const expiresAt = sql`now() + make_interval(secs => ${validSeconds}::int)`;
  await named("startCode", tx.update(textMessages).set({ codeHash: hash, expiresAt }).where(eq(textMessages.id, id)));
}

/** Ends codes whose sender has not reported. Returns their number. */
export const endLostCodes = (tx: Tx): Promise<number> => codeQueue.endLost(tx, sql`status = 'UNKNOWN', next_attempt_at = null`);

/** Records the result of a claimed code. */
export const finishCode = (tx: Tx, claimed: ClaimedCode, status: "SENT" | "FAILED" | "UNKNOWN"): Promise<number> =>
  codeQueue.finish(tx, [claimed], sql`status = ${status}, next_attempt_at = null`);

/** Deletes text messages that no limit counts any more, in the tenant's transaction. Runs as weft_worker. */
export const deleteOldTexts = (tx: Tx, old: { readonly days: number; readonly limit: number }): Promise<number> =>
  deleteOld(tx, { name: "Texts", table: "audit.text_messages", ...old });
