import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

export interface NewMail {
  readonly tenantId: string;
  readonly id: string;
  readonly personId: string;
  readonly template: string;
  readonly referenceId: string | null;
  readonly destinationHash: string;
  /** Sealed. */
  readonly content: string;
}

export async function insertMail(tx: Tx, mail: NewMail): Promise<void> {
  const { tenantId, id, personId, template, referenceId, destinationHash, content } = mail;
  await tx.execute(
    named(
      "insertMail",
      sql`insert into app.mails (tenant_id, id, person_id, template, reference_id, destination_hash, content)
      values (${tenantId}::uuid, ${id}::uuid, ${personId}::uuid, ${template}, ${referenceId}::uuid, ${destinationHash}, ${content})`,
    ),
  );
}

/** Emails of the transaction's tenant in the last hour, and the seconds until the oldest one no longer counts. */
interface Recent {
  readonly ofTenant: number;
  readonly tenantWait: number;
  /** Emails to the given destination. */
  readonly toDestination: number;
  readonly destinationWait: number;
  /** Seconds since the last email of the template to the destination. Null if there is none. */
  readonly sinceLast: number | null;
}

/**
 * Counts emails under a lock held until the commit, so that concurrent emails are all counted.
 * @param apart the templates whose emails to the destination are counted apart: for one of them, only its own count, and for another, all others. All
 * count for the tenant
 */
export async function countRecentMails(
  tx: Tx,
  tenantId: string,
  { destinationHash, template, apart }: { readonly destinationHash: string; readonly template: string; readonly apart: readonly string[] },
): Promise<Recent> {
  const isCounted = apart.includes(template) ? sql`template = ${template}` : sql`template <> all (${sql.param([...apart])}::text[])`;
  const toDestination = sql`destination_hash = ${destinationHash} and ${isCounted}`;
  await tx.execute(named("lockMailsOfTenant", sql`select pg_advisory_xact_lock(hashtextextended('weft.mails.' || ${tenantId}::text, 0))`));
  const [row] = await tx.execute<
    Record<"of_tenant" | "tenant_wait" | "to_destination" | "destination_wait", number> & { since_last: number | null }
  >(
    named(
      "countRecentMails",
      sql`select count(*)::int as of_tenant,
        coalesce(ceil(extract(epoch from min(created_at) + interval '1 hour' - clock_timestamp())), 0)::int as tenant_wait,
        count(*) filter (where ${toDestination})::int as to_destination,
        coalesce(ceil(extract(epoch from min(created_at) filter (where ${toDestination}) + interval '1 hour' - clock_timestamp())), 0)::int as destination_wait,
        floor(extract(epoch from clock_timestamp() - max(created_at) filter (where destination_hash = ${destinationHash} and template = ${template})))::int as since_last
      from app.mails where tenant_id = app.tenant() and created_at > now() - interval '1 hour'`,
    ),
  );
  return {
    ofTenant: row?.of_tenant ?? 0,
    tenantWait: row?.tenant_wait ?? 0,
    toDestination: row?.to_destination ?? 0,
    destinationWait: row?.destination_wait ?? 0,
    sinceLast: row?.since_last ?? null,
  };
}

/** Drops the pending emails about these objects, because they are no longer wanted. */
export async function dropMailsAbout(tx: Tx, referenceIds: readonly string[]): Promise<void> {
  if (referenceIds.length === 0) return;
  await tx.execute(
    named(
      "dropMailsAbout",
      sql`update app.mails set status = 'DROPPED', content = null, finished_at = now()
      where tenant_id = app.tenant() and status = 'PENDING' and reference_id = any(${sql.param([...referenceIds])}::uuid[])`,
    ),
  );
}

/** Returns the state of the newest email about each of these objects. */
export async function findMailStates(
  tx: Tx,
  referenceIds: readonly string[],
): Promise<Map<string, { readonly status: "PENDING" | "SENT" | "FAILED" | "DROPPED"; readonly attempts: number }>> {
  const rows = await tx.execute<{ reference_id: string; status: "PENDING" | "SENT" | "FAILED" | "DROPPED"; attempts: number }>(
    named(
      "findMailStates",
      sql`select distinct on (reference_id) reference_id, status, attempts from app.mails
      where tenant_id = app.tenant() and reference_id = any(${sql.param([...referenceIds])}::uuid[]) order by reference_id, created_at desc`,
    ),
  );
  return new Map(rows.map(({ reference_id: id, status, attempts }) => [id, { status, attempts }]));
}
