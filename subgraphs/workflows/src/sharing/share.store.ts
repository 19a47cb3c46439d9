import { sharing } from "@weft/drizzle";
import { countRows, insertedRow, named, nextVersion, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, eq, getTableColumns, inArray, sql, type SQL } from "drizzle-orm";
import { DefinitionShareStatus, type ShareRow } from "./share.type.js";

const { definitionShares } = sharing;

/** By the real time, as for tokens, whatever the clock of a sandbox says. Not `now()`: what waited for a lock must not use the time before it. */
const isOver = sql<boolean>`(${definitionShares.expiresAt} <= clock_timestamp())`;
const columns = { ...getTableColumns(definitionShares), isOver };

/** The status for filters, which the passing of time changes without a write. */
export const presentStatus: SQL = sql`case when ${inArray(definitionShares.status, ["OFFERED", "ACCEPTED"])} and ${isOver} then ${DefinitionShareStatus.EXPIRED} else ${definitionShares.status} end`;

/** Statements filter by the tenant explicitly: two rows have the same ID. */
const atId = (id: string) => and(eq(definitionShares.tenantId, sql`app.tenant()`), eq(definitionShares.id, id));

export async function findShare(tx: Tx, id: string): Promise<ShareRow | null> {
  const [row] = await named("findDefinitionShare", tx.select(columns).from(definitionShares).where(atId(id)));
  return row ?? null;
}

/** Locks the row of the owner, which decides. Everything that changes or uses a share takes this lock first, so nothing begins after a revocation. */
export async function lockShare(tx: Tx, id: string): Promise<ShareRow | null> {
  const [locked] = await named(
    "lockDefinitionShare",
    tx.select({ id: definitionShares.id }).from(definitionShares).where(atId(id)).for("no key update"),
  );
  return locked ? findShare(tx, id) : null;
}

export const selectSharePage = (tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<ShareRow[]> =>
  named(
    "selectDefinitionSharePage",
    tx
      .select(columns)
      .from(definitionShares)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

export const countShares = (tx: Tx, where: SQL | undefined): Promise<number> =>
  countRows(tx, { name: "countDefinitionShares", table: definitionShares, where });

/** Prevents concurrent offers of the tenant from exceeding the limit. */
export async function lockOffers(tx: Tx): Promise<void> {
  await tx.execute(named("lockOffers", sql`select pg_advisory_xact_lock(hashtextextended('weft.shares.' || app.tenant(), 0))`));
}

/** Returns the number of shares that the tenant has given and that have not ended. */
export const countOpenShares = (tx: Tx): Promise<number> =>
  countShares(
    tx,
    and(
      eq(definitionShares.tenantId, sql`app.tenant()`),
      eq(definitionShares.side, "OWNER"),
      inArray(definitionShares.status, ["OFFERED", "ACCEPTED"]),
      sql`not ${isOver}`,
    ),
  );

/** Returns the number of offers that the tenant has made within the last hour. */
export const countRecentOffers = (tx: Tx): Promise<number> =>
  countShares(
    tx,
    and(
      eq(definitionShares.tenantId, sql`app.tenant()`),
      eq(definitionShares.side, "OWNER"),
      sql`${definitionShares.createdAt} > clock_timestamp() - interval '1 hour'`,
    ),
  );

/**
 * Lets uses of a share wait for each other before they wait for its lock. A revocation then waits for one use at most, however many there are.
 */
export async function lockUses(tx: Tx, id: string): Promise<void> {
  await tx.execute(named("lockUsesOfShare", sql`select pg_advisory_xact_lock(hashtextextended('weft.shares.uses.' || ${id}::text, 0))`));
}

interface Asked {
  readonly definitionKey: string;
  readonly mode: string;
  readonly ownerId: string;
  /** Slug of the transaction's tenant, or of none. */
  readonly recipient: string;
}

/** Unanswered offers that a tenant keeps. */
const MAX_RECEIVED = 500;
/** Offers within a week from one tenant that were not accepted. */
const MAX_FROM_ONE = 50;

/**
 * Returns whether the transaction's tenant is to get an offer: it has not declined the same one within a week, nor received too many. Offers to the same slug
 * wait for each other, so that concurrent ones do not exceed the limits; the lock is the same whether or not there is a tenant with the slug.
 */
export async function isWelcome(tx: Tx, { definitionKey, mode, ownerId, recipient }: Asked): Promise<boolean> {
  await tx.execute(
    named("lockReceivedOffers", sql`select pg_advisory_xact_lock(hashtextextended('weft.shares.to.' || ${recipient}::text, 0))`),
  );
  const [row] = await tx.execute<{ welcome: boolean }>(
    named(
      "isWelcomeShare",
      sql`select count(*) filter (where status = 'OFFERED' and expires_at > clock_timestamp()) < ${MAX_RECEIVED}::int
              and count(*) filter (where is_recent and (status in ('OFFERED', 'DECLINED') or answered_at is null)) < ${MAX_FROM_ONE}::int
              and count(*) filter (where status = 'DECLINED' and partner_id = ${ownerId}::uuid and definition_key = ${definitionKey} and mode = ${mode}
                and answered_at > clock_timestamp() - interval '7 days') = 0 as welcome
            from (select *, partner_id = ${ownerId}::uuid and created_at > clock_timestamp() - interval '7 days' as is_recent
                    from workflows.definition_shares where tenant_id = app.tenant() and side = 'RECIPIENT') s`,
    ),
  );
  return row?.welcome ?? false;
}

/** Returns whether a refused use of a share is to be recorded: once a minute, so that its recipient cannot fill the owner's audit log. */
export async function isRefusalToRecord(tx: Tx, id: string): Promise<boolean> {
  const rows = await named(
    "markRefusalOfShare",
    tx
      .update(definitionShares)
      .set({ refusedAt: sql`clock_timestamp()` })
      .where(and(atId(id), sql`coalesce(${definitionShares.refusedAt} <= clock_timestamp() - interval '1 minute', true)`))
      .returning({ id: definitionShares.id }),
  );
  return rows.length > 0;
}

/** Records that shares of a definition with a tenant are over, so that it can be offered again. */
export async function closeExpired(tx: Tx, { definitionKey, partnerSlug }: Pick<ShareRow, "definitionKey" | "partnerSlug">): Promise<void> {
  await named(
    "closeExpiredShares",
    tx
      .update(definitionShares)
      .set({ status: "EXPIRED", ...nextVersion(definitionShares) })
      .where(
        and(
          eq(definitionShares.tenantId, sql`app.tenant()`),
          eq(definitionShares.side, "OWNER"),
          eq(definitionShares.definitionKey, definitionKey),
          eq(definitionShares.partnerSlug, partnerSlug),
          inArray(definitionShares.status, ["OFFERED", "ACCEPTED"]),
          isOver,
        ),
      ),
  );
}

/** @throws BadUserInput if the definition is already shared with the tenant in this mode */
export async function insertShare(tx: Tx, values: typeof definitionShares.$inferInsert): Promise<ShareRow> {
  return insertedRow(named("insertDefinitionShare", tx.insert(definitionShares).values(values).returning(columns)), {
    definition_shares_open_key: {
      path: "input.recipient",
      message: `The definition ${values.definitionKey} is already shared with ${values.partnerSlug} in the mode ${values.mode}. Revoke that share first.`,
    },
  });
}

export type ShareLimits = Pick<ShareRow, "maxStartsPerHour" | "maxOpenRuns">;
export type ShareChanges = Partial<
  ShareLimits & Pick<ShareRow, "status" | "partnerName" | "answeredBy" | "answeredAt" | "revokedBy" | "revokedAt">
>;

/** Changes a row whose share is locked. Null if it does not exist (any more). */
export async function updateShare(tx: Tx, id: string, changes: ShareChanges): Promise<ShareRow | null> {
  const [row] = await named(
    "updateDefinitionShare",
    tx
      .update(definitionShares)
      // Not `now()`: the transaction can have waited for the lock since its start.
      .set({ ...changes, ...nextVersion(definitionShares), updatedAt: sql`clock_timestamp()` })
      .where(atId(id))
      .returning(columns),
  );
  return row ?? null;
}

/** The published version that would be used, and the time. */
export interface SharedVersion extends Record<string, unknown> {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly number: number;
  readonly source: string;
  readonly format: string;
  readonly isAutomation: boolean;
}

/** Returns the newest version of a definition that new instances use. Null if there is none. */
export async function findSharedVersion(tx: Tx, key: string): Promise<SharedVersion | null> {
  const [row] = await tx.execute<SharedVersion>(
    named(
      "findSharedVersion",
      sql`select id, key, name, number, source, format, coalesce(document->>'kind' = 'automation', false) as "isAutomation"
            from workflows.definitions
           where tenant_id = app.tenant() and key = ${key} and status in ('PUBLISHED', 'DEPRECATED') and 'PROD' = any(environments)
           order by status desc, number desc limit 1`,
    ),
  );
  return row ?? null;
}

/** Returns the real time of the database, in milliseconds. */
export async function presentTime(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ ms: number }>(
    named("presentTime", sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`),
  );
  return Math.floor(row?.ms ?? 0);
}

/** Returns what owners show of accepted shares of the tenant. */
export const selectInterfaces = (tx: Tx, ids: readonly string[]): Promise<{ share_id: string; is_usable: boolean; inputs: unknown }[]> =>
  tx.execute<{ share_id: string; is_usable: boolean; inputs: unknown }>(
    named(
      "selectSharedInterfaces",
      sql`select share_id, is_usable, inputs from workflows.shared_interfaces(${sql.param([...ids])}::uuid[])`,
    ),
  );
