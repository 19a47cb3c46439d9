import { usesFactor } from "@weft/platform/rights";
import { identity, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { objectAccessRules, visibleUsers } from "@weft/platform/access";
import { deleteOld } from "@weft/platform/cleaning";
import { named, type Tx } from "@weft/platform/db";
import { destinationHash, type MailingTenant } from "@weft/platform/mail";
import { and, eq, isNull, not, sql, type SQL } from "drizzle-orm";

const { taskLinks, tasks } = workflows;
const { tenants, users } = identity;

/** A valid link and its user. */
export type LiveLink = { readonly taskId: string; readonly userId: string };

const isForItsUser = (required: { readonly byTenant: boolean }): SQL | undefined =>
  and(eq(users.status, "ACTIVE"), isNull(users.vendorId), not(usesFactor(users.id, required)));
const isLive = and(isNull(taskLinks.usedAt), isNull(taskLinks.revokedAt), sql`${taskLinks.expiresAt} > app.weft_now()`);

/** A link in any state, and its user. */
export type IssuedLink = LiveLink & {
  readonly expiresAt: string;
  readonly isUsed: boolean;
  readonly isReplaced: boolean;
  readonly isExpired: boolean;
  readonly task: { readonly status: string; readonly assigneeId: string | null };
  readonly organization: string;
};

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
      .where(and(eq(taskLinks.id, id), isLive, isForItsUser(required))),
  );
  return row && row.emailHash === destinationHash(row.email) ? { taskId: row.taskId, userId: row.userId } : null;
}

/** Returns a link of a user who could use it if it were valid; null as `findLiveLink`, for reasons that concern the user. */
export async function findIssuedLink(tx: Tx, id: string, required: { readonly byTenant: boolean }): Promise<IssuedLink | null> {
  const [row] = await named(
    "findIssuedLink",
    tx
      .select({
        taskId: taskLinks.taskId,
        userId: taskLinks.userId,
        emailHash: taskLinks.emailHash,
        email: users.email,
        expiresAt: taskLinks.expiresAt,
        isUsed: sql<boolean>`${taskLinks.usedAt} is not null`,
        isReplaced: sql<boolean>`${taskLinks.revokedAt} is not null`,
        isExpired: sql<boolean>`${taskLinks.expiresAt} <= app.weft_now()`,
        task: { status: tasks.status, assigneeId: tasks.assigneeId },
        organization: tenants.name,
      })
      .from(taskLinks)
      .innerJoin(users, and(eq(users.tenantId, taskLinks.tenantId), eq(users.id, taskLinks.userId)))
      .innerJoin(tenants, eq(tenants.tenantId, taskLinks.tenantId))
      .innerJoin(tasks, and(eq(tasks.tenantId, taskLinks.tenantId), eq(tasks.id, taskLinks.taskId)))
      .where(and(eq(taskLinks.id, id), isForItsUser(required))),
  );
  if (!row || row.emailHash !== destinationHash(row.email)) return null;
  const { email: _email, emailHash: _hash, ...link } = row;
  return link;
}

/** Returns the name of the user who has claimed a task. Null if there is none, or the viewer cannot see the task or the user. */
export async function findAssigneeName(tx: Tx, viewer: Viewer, taskId: string): Promise<string | null> {
  const { from, id, inScope } = objectAccessRules.task;
  const [row] = await tx.execute<{ name: string }>(
    named(
      "findAssigneeName",
      sql`select ${users.name} from ${from} join ${users} on ${eq(users.tenantId, tasks.tenantId)} and ${eq(users.id, tasks.assigneeId)}
           where ${id} = ${taskId}::uuid and ${inScope(viewer, "task.read")} and ${visibleUsers(viewer, "user.read")}`,
    ),
  );
  return row?.name ?? null;
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
export const deleteOldLinks = (tx: Tx, old: { readonly days: number; readonly limit: number }): Promise<number> =>
  deleteOld(tx, { name: "Links", table: "workflows.task_links", since: "expires_at", now: sql`app.weft_now()`, ...old });

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
