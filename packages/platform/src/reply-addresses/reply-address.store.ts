import { requests } from "@weft/drizzle";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

const { replyAddresses } = requests;

/** What an address stands for. IDs are UUIDs. */
export interface ReplyUse {
  readonly userId: string;
  readonly requestId: string;
  readonly audience: "INTERNAL" | "PUBLIC";
  /** For public comments: the vendor that the request was assigned to when the address was made. */
  readonly vendorId: string | null;
}

export async function findReplyKey(tx: Tx, { userId, requestId, audience, vendorId }: ReplyUse): Promise<string | null> {
  const [row] = await named(
    "findReplyKey",
    tx
      .select({ key: replyAddresses.key })
      .from(replyAddresses)
      .where(
        and(
          eq(replyAddresses.userId, userId),
          eq(replyAddresses.requestId, requestId),
          eq(replyAddresses.audience, audience),
          vendorId === null ? isNull(replyAddresses.vendorId) : eq(replyAddresses.vendorId, vendorId),
        ),
      ),
  );
  return row?.key ?? null;
}

/** Does nothing if there is an address for this use. */
export async function insertReplyKey(tx: Tx, row: ReplyUse & { readonly tenantId: string; readonly key: string }): Promise<void> {
  await named("insertReplyKey", tx.insert(replyAddresses).values(row).onConflictDoNothing());
}

/** An address that was used, with the present email address of its user. */
export interface UsedReplyAddress extends ReplyUse {
  readonly email: string;
  /** Number of messages in this hour, this one included. */
  readonly hourCount: number;
}

// True time: the limit protects the people who read the comments, whatever the clock of a sandbox says.
const isInThisHour = sql`a.hour_started_at > now() - interval '1 hour'`;
const ofActiveTenant = sql`join identity.tenants t on t.tenant_id = u.tenant_id and t.status = 'ACTIVE'`;

/** Returns the number of messages to an address in this hour. Null if there is no such address, or the tenant is not active. */
export async function findReplyCount(tx: Tx, key: string): Promise<number | null> {
  const rows = await tx.execute<{ hour_count: number }>(
    named(
      "findReplyCount",
      sql`select case when ${isInThisHour} then a.hour_count else 0 end as hour_count
        from requests.reply_addresses a join identity.users u on u.tenant_id = a.tenant_id and u.id = a.user_id ${ofActiveTenant}
       where a.tenant_id = app.tenant() and a.key = ${key}`,
    ),
  );
  return rows[0]?.hour_count ?? null;
}

interface CountedRow extends Record<string, unknown> {
  readonly user_id: string;
  readonly request_id: string;
  readonly audience: ReplyUse["audience"];
  readonly vendor_id: string | null;
  readonly email: string;
  readonly hour_count: number;
}

/** Counts a message to an address. Null if there is no such address, or the tenant is not active. */
export async function countReply(tx: Tx, key: string): Promise<UsedReplyAddress | null> {
  const rows = await tx.execute<CountedRow>(
    named(
      "countReply",
      sql`update requests.reply_addresses a set
          hour_started_at = case when ${isInThisHour} then a.hour_started_at else now() end,
          hour_count = case when ${isInThisHour} then least(a.hour_count + 1, 30000) else 1 end
        from identity.users u ${ofActiveTenant}
       where a.tenant_id = app.tenant() and a.key = ${key} and u.tenant_id = a.tenant_id and u.id = a.user_id
      returning a.user_id, a.request_id, a.audience, a.vendor_id, u.email, a.hour_count`,
    ),
  );
  const [row] = rows;
  if (!row) return null;
  const { user_id: userId, request_id: requestId, audience, vendor_id: vendorId, email, hour_count: hourCount } = row;
  return { userId, requestId, audience, vendorId, email, hourCount };
}
