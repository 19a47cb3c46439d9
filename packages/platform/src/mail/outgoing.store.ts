import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import { type Claim, Queue } from "../queues/queue.js";

/** Emails that wait for the mail server. */
export const mailQueue = new Queue({
  name: "Mails",
  table: "app.mails",
  due: "next_attempt_at",
  claims: "attempts",
  ready: "PENDING",
  // Longer than the maximum duration of a transport's attempt.
  leaseSeconds: 180,
});

/** Returns the number of emails of a template that were sent to a destination in the last hour, from all tenants, including those that came back. Runs as weft_worker. */
export async function countMailsTo(tx: Tx, { destinationHash, template }: { destinationHash: string; template: string }): Promise<number> {
  const rows = await tx.execute<{ count: number }>(
    named(
      "countMailsTo",
      sql`select count(*)::int as count from app.mails
      where destination_hash = ${destinationHash} and (status = 'SENT' or came_back_at is not null) and finished_at > now() - interval '1 hour' and template = ${template}`,
    ),
  );
  return rows[0]?.count ?? 0;
}

/** An email that a sender has claimed. Its claims are the attempts, including the current one. */
export interface ClaimedMail extends Claim {
  readonly template: string;
  readonly destinationHash: string;
  /** Sealed. */
  readonly content: string;
  /** Whether the email is more than a day old. Nobody expects it any more. */
  readonly isOld: boolean;
  /** The user to whom it was written, as they are now. Null if it was not written to a user. */
  readonly user: { readonly email: string; readonly isDeactivated: boolean } | null;
}

/** Claims the email that has waited longest. */
export async function claimMail(tx: Tx): Promise<ClaimedMail | null> {
  const [row] = await mailQueue.claim<
    Omit<ClaimedMail, "user"> & { readonly email: string | null; readonly isDeactivated: boolean | null }
  >(tx, {
    select: sql`q.template, q.destination_hash as "destinationHash", q.content, q.created_at < now() - interval '1 day' as "isOld",
        u.email, u.status = 'DISABLED' as "isDeactivated"
      from claimed q left join identity.users u on u.tenant_id = q.tenant_id and u.id = q.person_id`,
  });
  if (row === undefined) return null;
  const { email, isDeactivated, ...mail } = row;
  return { ...mail, user: email === null ? null : { email, isDeactivated: isDeactivated === true } };
}

/** Records the result of a claimed email. */
export const finishMail = (
  tx: Tx,
  mail: ClaimedMail,
  { status, error }: { status: "SENT" | "FAILED" | "DROPPED"; error: string | null },
): Promise<number> => mailQueue.finish(tx, [mail], sql`status = ${status}, content = null, finished_at = now(), last_error = ${error}`);
