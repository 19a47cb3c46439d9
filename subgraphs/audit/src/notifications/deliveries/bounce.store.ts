import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** The recipient of an email to which a report was applied. `addressHash` is null if it is not known which address the email was sent to. */
export interface Reported {
  readonly userId: string;
  readonly addressHash: string | null;
}

/** State of an email for reports: unknown, not yet recorded as sent, sent, or reported before. */
export type ReportableState = "unknown" | "sending" | "sent" | "over";

/** Returns the state of a message, or of another email. */
export async function findReportable(tx: Tx, id: string): Promise<ReportableState> {
  const rows = await tx.execute<{ status: string }>(
    named(
      "findReportableMail",
      sql`select status from audit.notification_deliveries where tenant_id = app.tenant() and message_id = ${id}::uuid and channel = 'EMAIL'
        union select status from app.mails where tenant_id = app.tenant() and id = ${id}::uuid`,
    ),
  );
  const states = new Set(rows.map(({ status }) => status));
  if (states.size === 0) return "unknown";
  if (states.has("SENT") || states.has("UNKNOWN")) return "sent";
  return states.has("SENDING") || states.has("PENDING") ? "sending" : "over";
}

/** Marks the deliveries of a message that was sent. Null if no message with this ID was sent. */
export async function reportMessage(
  tx: Tx,
  { id, status, error }: { readonly id: string; readonly status: "BOUNCED" | "COMPLAINED"; readonly error: string | null },
): Promise<Reported | null> {
  const rows = await tx.execute<{ user_id: string; address_hash: string | null }>(
    named(
      "reportMessage",
      sql`update audit.notification_deliveries set status = ${status}, last_error = ${error}, updated_at = now()
        where tenant_id = app.tenant() and message_id = ${id}::uuid and channel = 'EMAIL' and status in ('SENT', 'UNKNOWN')
        returning user_id, address_hash`,
    ),
  );
  const [row] = rows;
  return row === undefined ? null : { userId: row.user_id, addressHash: row.address_hash };
}

/** Marks another email that was sent, such as an invitation, as failed. Null if no such email to a user was sent. */
export async function reportMail(tx: Tx, { id, error }: { readonly id: string; readonly error: string | null }): Promise<Reported | null> {
  const rows = await tx.execute<{ user_id: string | null; destination_hash: string }>(
    named(
      "reportMail",
      sql`update app.mails m set status = 'FAILED', last_error = ${error}, came_back_at = now() where m.tenant_id = app.tenant() and m.id = ${id}::uuid and m.status = 'SENT'
        returning (select u.id from identity.users u where u.tenant_id = m.tenant_id and u.id = m.person_id) as user_id, m.destination_hash`,
    ),
  );
  const [row] = rows;
  return row === undefined || row.user_id === null ? null : { userId: row.user_id, addressHash: row.destination_hash };
}
