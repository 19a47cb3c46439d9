import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Executes } from "../db/alone.js";
import type { Tx } from "../db/database.js";

/** Returns the tenants that have due emails, longest waiting first. Emails of suspended tenants wait. Runs as weft_worker, across all tenants. */
export async function findTenantsWithMails(tx: Executes): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsWithMails",
      sql`select m.tenant_id from app.mails m join identity.tenants t on t.tenant_id = m.tenant_id
      where m.status = 'PENDING' and m.next_attempt_at <= now() and t.status = 'ACTIVE'
      group by m.tenant_id order by min(m.next_attempt_at) limit 1000`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

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

/** An email that a sender has claimed. */
export interface ClaimedMail {
  readonly id: string;
  readonly template: string;
  readonly destinationHash: string;
  /** Sealed. */
  readonly content: string;
  /**
   * Number of attempts, including the current one. It is counted before the attempt, so that an email that crashes its process does not do so
   * forever.
   */
  readonly attempts: number;
  /** Whether the email is more than a day old. Nobody expects it any more. */
  readonly isOld: boolean;
  /** The user to whom it was written, as they are now. Null if it was not written to a user. */
  readonly user: { readonly email: string; readonly isDeactivated: boolean } | null;
}

/** Claims the email that has waited longest, for the given number of seconds. If its sender dies, another sender can claim it after that. */
export async function claimMail(tx: Tx, { leaseSeconds }: { leaseSeconds: number }): Promise<ClaimedMail | null> {
  const rows = await tx.execute<{
    id: string;
    template: string;
    destination_hash: string;
    content: string;
    attempts: number;
    is_old: boolean;
    email: string | null;
    is_deactivated: boolean | null;
  }>(
    named(
      "claimMail",
      sql`with next as (
        select id, person_id from app.mails where tenant_id = app.tenant() and status = 'PENDING' and next_attempt_at <= now()
        order by next_attempt_at limit 1 for update skip locked)
      update app.mails m set attempts = m.attempts + 1, next_attempt_at = now() + make_interval(secs => ${leaseSeconds}::int)
      from next left join identity.users u on u.tenant_id = app.tenant() and u.id = next.person_id
      where m.tenant_id = app.tenant() and m.id = next.id
      returning m.id, m.template, m.destination_hash, m.content, m.attempts, m.created_at < now() - interval '1 day' as is_old,
        u.email, u.status = 'DISABLED' as is_deactivated`,
    ),
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { id, template, content, attempts, destination_hash: hash, is_old: isOld, email, is_deactivated: isDeactivated } = row;
  const user = email === null ? null : { email, isDeactivated: isDeactivated === true };
  return { id, template, content, attempts, destinationHash: hash, isOld, user };
}

/** Records the result of a claimed email. `attempts` is the value from the claim, so a sender that reports late changes nothing. */
export async function finishMail(
  tx: Tx,
  { id, attempts }: ClaimedMail,
  { status, error }: { status: "SENT" | "FAILED" | "DROPPED"; error: string | null },
): Promise<void> {
  await tx.execute(
    named(
      "finishMail",
      sql`update app.mails set status = ${status}, content = null, finished_at = now(), last_error = ${error}
      where tenant_id = app.tenant() and id = ${id}::uuid and attempts = ${attempts} and status = 'PENDING'`,
    ),
  );
}

/** Reschedules a claimed email. An email that was not tried does not count as an attempt. */
export async function postponeMail(
  tx: Tx,
  { id, attempts }: ClaimedMail,
  { seconds, error, wasTried }: { seconds: number; error: string | null; wasTried: "tried" | "not tried" },
): Promise<void> {
  await tx.execute(
    named(
      "postponeMail",
      sql`update app.mails set next_attempt_at = now() + make_interval(secs => ${seconds}::double precision), last_error = ${error},
        attempts = attempts - ${wasTried === "tried" ? 0 : 1}
      where tenant_id = app.tenant() and id = ${id}::uuid and attempts = ${attempts} and status = 'PENDING'`,
    ),
  );
}

/** Deletes finished emails that were created more than this number of days ago, in the tenant's transaction. Runs as weft_worker. */
export async function deleteOldMails(tx: Tx, { days, limit }: { days: number; limit: number }): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteOldMails",
      sql`with gone as (
        delete from app.mails where tenant_id = app.tenant() and status <> 'PENDING' and created_at <= (
          select max(oldest.created_at) from (
            select created_at from app.mails where tenant_id = app.tenant() and status <> 'PENDING' and created_at < now() - make_interval(days => ${days}::int)
            order by created_at limit ${limit}::int) oldest)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}
