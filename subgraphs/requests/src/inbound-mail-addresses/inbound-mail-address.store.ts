import { requests as tables } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";

const { inboundMailAddresses, emailedRequests } = tables;

export type InboundMailAddressRow = typeof inboundMailAddresses.$inferSelect;
type NewAddress = Omit<typeof inboundMailAddresses.$inferInsert, "createdAt" | "updatedAt" | "version">;
export type AddressChanges = Partial<Pick<InboundMailAddressRow, "name" | "typeId" | "subjectField" | "textField" | "data" | "isActive">>;

const now = sql`app.weft_now()` as unknown as string;

/** Returns those of the given addresses that exist, in any order. The permission reaches all addresses or none. */
export const findInboundMailAddresses = (tx: Tx, _viewer: Viewer, ids: readonly string[]): Promise<InboundMailAddressRow[]> =>
  named("findInboundMailAddresses", tx.select().from(inboundMailAddresses).where(among(inboundMailAddresses.id, ids)));

export const insertInboundMailAddress = (tx: Tx, values: NewAddress): Promise<InboundMailAddressRow> =>
  insertedRow(
    named(
      "insertInboundMailAddress",
      tx
        .insert(inboundMailAddresses)
        .values({ ...values, createdAt: now, updatedAt: now })
        .returning(),
    ),
  );

/** Returns null if the address's version is no longer `version`. */
export const updateInboundMailAddressRow = (
  tx: Tx,
  { id, version }: Pick<InboundMailAddressRow, "id" | "version">,
  changes: AddressChanges,
): Promise<InboundMailAddressRow | null> =>
  writtenRow(
    named(
      "updateInboundMailAddressRow",
      tx
        .update(inboundMailAddresses)
        .set({ ...changes, ...nextVersion(inboundMailAddresses) })
        .where(atVersion(inboundMailAddresses, id, version))
        .returning(),
    ),
  );

/** Returns false if the address's version is no longer `version`. */
export async function deleteInboundMailAddressRow(
  tx: Tx,
  { id, version }: Pick<InboundMailAddressRow, "id" | "version">,
): Promise<boolean> {
  const gone = tx
    .delete(inboundMailAddresses)
    .where(atVersion(inboundMailAddresses, id, version))
    .returning({ id: inboundMailAddresses.id });
  return (await named("deleteInboundMailAddressRow", gone)).length > 0;
}

// True time: the limit protects the people who process requests, whatever the clock of a sandbox says.
const isInThisHour = sql`coalesce(a.hour_started_at > now() - interval '1 hour', false)`;

export interface AddressState {
  readonly isActive: boolean;
  readonly tenantStatus: string;
  /** Number of emails in this hour. */
  readonly hourCount: number;
}

/** Returns null if there is no address with the key. */
export async function findAddressState(tx: Tx, key: string): Promise<AddressState | null> {
  const rows = await tx.execute<{ is_active: boolean; status: string; hour_count: number }>(
    named(
      "findAddressState",
      sql`select a.is_active, t.status, case when ${isInThisHour} then a.hour_count else 0 end as hour_count
        from requests.inbound_mail_addresses a join identity.tenants t on t.tenant_id = a.tenant_id
       where a.tenant_id = app.tenant() and a.key = ${key}`,
    ),
  );
  const [row] = rows;
  return row ? { isActive: row.is_active, tenantStatus: row.status, hourCount: row.hour_count } : null;
}

/** Counts an email to an active address. Null if there is none with the key. Concurrent emails to an address wait for each other. */
export async function countEmail(tx: Tx, key: string): Promise<InboundMailAddressRow | null> {
  const isSameHour = sql`coalesce(${inboundMailAddresses.hourStartedAt} > now() - interval '1 hour', false)`;
  const query = tx
    .update(inboundMailAddresses)
    .set({
      lastReceivedAt: sql`app.weft_now()`,
      hourStartedAt: sql`case when ${isSameHour} then ${inboundMailAddresses.hourStartedAt} else now() end`,
      hourCount: sql`case when ${isSameHour} then least(${inboundMailAddresses.hourCount} + 1, 30000) else 1 end`,
    })
    .where(and(eq(inboundMailAddresses.key, key), eq(inboundMailAddresses.isActive, true)))
    .returning();
  const [row] = await named("countEmail", query);
  return row ?? null;
}

/** Returns the active user with an email address, in any case. */
export async function findUserWithEmail(tx: Tx, email: string): Promise<string | null> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "findUserWithEmail",
      sql`select id from identity.users where tenant_id = app.tenant() and lower(email) = lower(${email}::text) and status = 'ACTIVE'`,
    ),
  );
  return rows[0]?.id ?? null;
}

type EmailedRequest = typeof emailedRequests.$inferInsert;

/** Returns whether the email of a user to an address has become a request. */
export async function isKnownEmail(
  tx: Tx,
  { addressId, userId, emailHash }: Omit<EmailedRequest, "tenantId" | "requestId">,
): Promise<boolean> {
  const isIt = and(eq(emailedRequests.addressId, addressId), eq(emailedRequests.userId, userId), eq(emailedRequests.emailHash, emailHash));
  const query = tx.select({ id: emailedRequests.requestId }).from(emailedRequests).where(isIt);
  return (await named("isKnownEmail", query)).length > 0;
}

/** Records the request of an email. Returns false if another transaction has recorded one for it. */
export async function insertEmailedRequest(tx: Tx, row: EmailedRequest): Promise<boolean> {
  const { addressId, userId, emailHash } = emailedRequests;
  const insert = tx
    .insert(emailedRequests)
    .values(row)
    .onConflictDoNothing({ target: [emailedRequests.tenantId, addressId, userId, emailHash] })
    .returning({ id: emailedRequests.requestId });
  return (await named("insertEmailedRequest", insert)).length > 0;
}
