import { requests } from "@weft/drizzle";
import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

const { replyAddresses } = requests;

/** What an address stands for. IDs are UUIDs. */
export interface ReplyUse {
  readonly userId: string;
  readonly requestId: string;
  readonly audience: "INTERNAL" | "PUBLIC";
}

export async function findReplyKey(tx: Tx, { userId, requestId, audience }: ReplyUse): Promise<string | null> {
  const [row] = await named(
    "findReplyKey",
    tx
      .select({ key: replyAddresses.key })
      .from(replyAddresses)
      .where(and(eq(replyAddresses.userId, userId), eq(replyAddresses.requestId, requestId), eq(replyAddresses.audience, audience))),
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

/** Counts a message to an address. Null if there is no such address, or the tenant is not active. */
export async function countReply(tx: Tx, key: string): Promise<UsedReplyAddress | null> {
  // True time: the limit protects the people who read the comments, whatever the clock of a sandbox says.
  const rows = await tx.execute<{ user_id: string; request_id: string; audience: ReplyUse["audience"]; email: string; hour_count: number }>(
    named(
      "countReply",
      sql`update requests.reply_addresses a set
          hour_started_at = case when a.hour_started_at > now() - interval '1 hour' then a.hour_started_at else now() end,
          hour_count = case when a.hour_started_at > now() - interval '1 hour' then least(a.hour_count + 1, 30000) else 1 end
        from identity.users u join identity.tenants t on t.tenant_id = u.tenant_id and t.status = 'ACTIVE'
       where a.tenant_id = app.tenant() and a.key = ${key} and u.tenant_id = a.tenant_id and u.id = a.user_id
      returning a.user_id, a.request_id, a.audience, u.email, a.hour_count`,
    ),
  );
  const [row] = rows;
  if (!row) return null;
  return { userId: row.user_id, requestId: row.request_id, audience: row.audience, email: row.email, hourCount: row.hour_count };
}
