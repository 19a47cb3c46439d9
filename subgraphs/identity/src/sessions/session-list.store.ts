import { identity } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { isOpen } from "./session.store.js";
import type { SessionLimits } from "./session.store.js";

const { gatewayReports, sessionConnections, sessions, users } = identity;

/** Sessions of platform operators belong to users who stand for them. They are listed and ended as operator sessions. */
const isOfUser = isNull(sessions.operatorId);

/** An open session. */
export interface SessionRow {
  readonly id: string;
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
  readonly idleExpiresAt: string;
}

/** Finds the open sessions of users, most recently used first. A user to whom `where` does not apply has no entry. */
export async function findSessionsOfUsers(
  tx: Tx,
  where: SQL,
  { max, ...limits }: SessionLimits & { readonly max: number },
): Promise<Map<string, SessionRow[]>> {
  const latest = tx
    .select({
      id: sessions.id,
      userAgent: sessions.userAgent,
      address: sessions.address,
      createdAt: sessions.createdAt,
      lastUsedAt: sessions.lastUsedAt,
      expiresAt: sql<string>`least(${sessions.expiresAt}, ${sessions.createdAt} + make_interval(secs => ${limits.sessionSeconds}))`
        .mapWith(sessions.expiresAt)
        .as("open_until"),
      idleExpiresAt: sql<string>`(${sessions.lastUsedAt} + make_interval(secs => ${limits.idleSeconds}))`
        .mapWith(sessions.expiresAt)
        .as("idle_until"),
    })
    .from(sessions)
    .where(and(eq(sessions.userId, users.id), isOfUser, isOpen(limits)))
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.id))
    .limit(max)
    .as("latest");
  const rows = await named(
    "findSessionsOfUsers",
    tx
      .select({
        userId: users.id,
        id: latest.id,
        userAgent: latest.userAgent,
        address: latest.address,
        createdAt: latest.createdAt,
        lastUsedAt: latest.lastUsedAt,
        expiresAt: latest.expiresAt,
        idleExpiresAt: latest.idleExpiresAt,
      })
      .from(users)
      .leftJoinLateral(latest, sql`true`)
      .where(where)
      .orderBy(desc(latest.lastUsedAt), desc(latest.id)),
  );
  const byUser = new Map<string, SessionRow[]>();
  for (const { userId, ...session } of rows) {
    const list = byUser.get(userId) ?? [];
    byUser.set(userId, list);
    // All columns are null for a user without open sessions.
    if (session.id !== null) list.push(session as SessionRow);
  }
  return byUser;
}

/** Open WebSocket connections of a session, over all gateways. */
export interface SessionConnections {
  readonly count: number;
  /** When the oldest one was opened. */
  readonly since: string;
}

/** Finds the open connections of sessions. A session without one has no entry. Reports of gateways that say nothing more do not count. */
export async function findConnections(tx: Tx, ids: readonly string[]): Promise<Map<string, SessionConnections>> {
  const rows = await named(
    "findConnections",
    tx
      .select({
        sessionId: sessionConnections.sessionId,
        count: sql<number>`sum(${sessionConnections.connectionCount})::int`,
        since: sql<string>`min(${sessionConnections.connectedSince})`.mapWith(sessionConnections.connectedSince),
      })
      .from(sessionConnections)
      .innerJoin(
        gatewayReports,
        and(eq(gatewayReports.tenantId, sessionConnections.tenantId), eq(gatewayReports.gatewayId, sessionConnections.gatewayId)),
      )
      .where(and(among(sessionConnections.sessionId, ids), sql`${gatewayReports.expiresAt} > now()`))
      .groupBy(sessionConnections.sessionId),
  );
  return new Map(rows.map(({ sessionId, ...connections }) => [sessionId, connections]));
}

/** When and from where a user last logged in. */
export interface LastLogin {
  readonly at: string;
  readonly address: string | null;
}

/** Finds the last logins of the users to whom `where` applies. */
export async function findLastLogins(tx: Tx, where: SQL): Promise<Map<string, LastLogin>> {
  const last = tx
    .select({ at: sessions.createdAt, address: sessions.address })
    .from(sessions)
    .where(and(eq(sessions.userId, users.id), isOfUser))
    .orderBy(desc(sessions.createdAt))
    .limit(1)
    .as("last");
  const rows = await named(
    "findLastLogins",
    tx
      .select({ userId: users.id, at: last.at, address: last.address })
      .from(users)
      .innerJoinLateral(last, sql`true`)
      .where(where),
  );
  return new Map(rows.map(({ userId, ...login }) => [userId, login]));
}

/** Finds the open sessions of a user, most recently used first. */
export async function findOpenSessionIds(tx: Tx, userId: string, limits: SessionLimits): Promise<string[]> {
  const rows = await named(
    "findOpenSessionIds",
    tx
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.userId, userId), isOfUser, isOpen(limits)))
      .orderBy(desc(sessions.lastUsedAt), desc(sessions.id)),
  );
  return rows.map(({ id }) => id);
}

/** Returns whether a session, which can have ended, is one of the user. */
export async function isSessionOfUser(tx: Tx, { id, userId }: { readonly id: string; readonly userId: string }): Promise<boolean> {
  const [row] = await named(
    "isSessionOfUser",
    tx
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.id, id), eq(sessions.userId, userId), isOfUser)),
  );
  return row !== undefined;
}
