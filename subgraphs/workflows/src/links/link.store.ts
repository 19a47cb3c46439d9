import { identity, workflows } from "@weft/drizzle";
import { destinationHash, named, usesFactor, type MailingTenant, type Tx } from "@weft/shared";
import { and, eq, isNull, not, sql } from "drizzle-orm";

const { taskLinks } = workflows;
const { tenants, users } = identity;

/** A valid link and its user. */
export type LiveLink = { readonly taskId: string; readonly userId: string };

const isLive = and(isNull(taskLinks.usedAt), isNull(taskLinks.revokedAt), sql`${taskLinks.expiresAt} > app.weft_now()`);

/**
 * Returns null if the link was used, replaced or has expired, or if its user is inactive, has a different email address, or has or must have a second
 * factor by now.
 */
export async function findLiveLink(tx: Tx, id: string, required: { readonly byTenant: boolean }): Promise<LiveLink | null> {
  const [row] = await named(
    "findLiveLink",
    tx
      .select({ taskId: taskLinks.taskId, userId: taskLinks.userId, emailHash: taskLinks.emailHash, email: users.email })
      .from(taskLinks)
      .innerJoin(users, and(eq(users.tenantId, taskLinks.tenantId), eq(users.id, taskLinks.userId)))
      .where(and(eq(taskLinks.id, id), isLive, eq(users.status, "ACTIVE"), isNull(users.vendorId), not(usesFactor(users.id, required)))),
  );
  return row && row.emailHash === destinationHash(row.email) ? { taskId: row.taskId, userId: row.userId } : null;
}

/** Returns false if another request used the link first. */
export async function useLink(tx: Tx, id: string): Promise<boolean> {
  const used = await named(
    "useLink",
    tx
      .update(taskLinks)
      .set({ usedAt: sql`app.weft_now()` })
      .where(and(eq(taskLinks.id, id), isLive))
      .returning({ id: taskLinks.id }),
  );
  return used.length === 1;
}

/**
 * Invalidates a user's links for a task.
 * @returns the IDs of the links, which their emails reference
 */
export async function revokeLinks(tx: Tx, taskId: string, userId: string): Promise<string[]> {
  const revoked = await named(
    "revokeLinks",
    tx
      .update(taskLinks)
      .set({ revokedAt: sql`app.weft_now()` })
      .where(and(eq(taskLinks.taskId, taskId), eq(taskLinks.userId, userId), isNull(taskLinks.usedAt), isNull(taskLinks.revokedAt)))
      .returning({ id: taskLinks.id }),
  );
  return revoked.map(({ id }) => id);
}

export async function insertLink(tx: Tx, link: typeof taskLinks.$inferInsert): Promise<void> {
  await named("insertLink", tx.insert(taskLinks).values(link));
}

/** Deletes about `limit` of the tenant's links that expired at least this many days ago, oldest first. Returns their number. Runs as weft_worker. */
export async function deleteOldLinks(tx: Tx, { days, limit }: { days: number; limit: number }): Promise<number> {
  const rows = await tx.execute<{ deleted: number }>(
    named(
      "deleteOldLinks",
      sql`with gone as (
        delete from workflows.task_links where tenant_id = app.tenant() and expires_at <= (
          select max(oldest.expires_at) from (
            select expires_at from workflows.task_links
            where tenant_id = app.tenant() and expires_at < app.weft_now() - make_interval(days => ${days}::int)
            order by expires_at limit ${limit}::int) oldest)
        returning tenant_id
      )
      select count(*)::int as deleted from gone`,
    ),
  );
  return rows[0]?.deleted ?? 0;
}

export type Receiver = {
  readonly email: string;
  readonly isVerified: boolean;
  /** Whether the user has, or must have, a second factor. */
  readonly usesFactor: boolean;
  readonly tenant: MailingTenant & { readonly name: string; readonly slug: string };
};

/** Returns an active user of the tenant's own organization who can receive email, otherwise null. */
export async function findReceiver(tx: Tx, userId: string, required: { readonly byTenant: boolean }): Promise<Receiver | null> {
  const { name, slug, isVerified, isSelfRegistered, plan } = tenants;
  const [row] = await named(
    "findReceiver",
    tx
      .select({
        email: users.email,
        isVerified: sql<boolean>`${users.emailVerifiedAt} is not null`,
        usesFactor: usesFactor(userId, required),
        tenant: { name, slug, isVerified, isSelfRegistered, plan },
      })
      .from(users)
      .innerJoin(tenants, eq(tenants.tenantId, users.tenantId))
      .where(and(eq(users.id, userId), eq(users.status, "ACTIVE"), eq(users.type, "EMPLOYEE"), isNull(users.vendorId))),
  );
  return row ?? null;
}
