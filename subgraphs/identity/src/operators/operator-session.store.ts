import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { sessions, users } = identity;

/** A session of a platform operator. IDs are UUIDs. */
export interface OperatorSessionRow {
  readonly id: string;
  readonly tenantId: string;
  /** UUID of the operator user. */
  readonly userId: string;
  readonly operatorId: string | null;
  readonly operatorName: string;
  readonly reason: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly isActive: boolean;
}

export const isActive = sql<boolean>`(${sessions.revokedAt} is null and ${sessions.expiresAt} > now())`;

const columns = {
  id: sessions.id,
  tenantId: sessions.tenantId,
  userId: sessions.userId,
  operatorId: sessions.operatorId,
  operatorName: users.name,
  reason: sql<string>`${sessions.operatorReason}`,
  createdAt: sessions.createdAt,
  expiresAt: sessions.expiresAt,
  revokedAt: sessions.revokedAt,
  isActive,
};

/** Returns the sessions of the transaction's tenant or, as weft_auth, of all tenants. */
export function selectOperatorSessions(
  tx: Tx,
  where: SQL | undefined,
  { orderBy, limit }: { orderBy: SQL[]; limit: number },
): Promise<OperatorSessionRow[]> {
  return named(
    "selectOperatorSessions",
    tx
      .select(columns)
      .from(sessions)
      .innerJoin(users, and(eq(users.tenantId, sessions.tenantId), eq(users.id, sessions.userId)))
      .where(and(isNotNull(sessions.operatorId), where))
      .orderBy(...orderBy)
      .limit(limit),
  );
}

export async function countOperatorSessions(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named(
    "countOperatorSessions",
    tx
      .select({ count: sql<number>`count(*)::int` })
      .from(sessions)
      .where(and(isNotNull(sessions.operatorId), where)),
  );
  return row?.count ?? 0;
}

export async function findOperatorSession(tx: Tx, id: string): Promise<OperatorSessionRow | null> {
  const [row] = await selectOperatorSessions(tx, eq(sessions.id, id), { orderBy: [], limit: 1 });
  return row ?? null;
}

/** @returns start time in seconds since 1970, by the database's clock */
export async function insertOperatorSession(
  tx: Tx,
  session: {
    readonly tenantId: string;
    readonly id: string;
    readonly userId: string;
    readonly operatorTenantId: string;
    readonly operatorId: string;
    readonly operatorSessionId: string;
    readonly operatorReason: string;
    readonly minutes: number;
  },
): Promise<number> {
  const { minutes, ...row } = session;
  const [inserted] = await named(
    "insertOperatorSession",
    tx
      .insert(sessions)
      .values({ ...row, expiresAt: sql`now() + make_interval(mins => ${minutes}::int)` })
      .returning({ issuedAtSeconds: sql<number>`extract(epoch from now())::int` }),
  );
  if (!inserted) throw new Error("The insert of a session returned no row.");
  return inserted.issuedAtSeconds;
}

/** @returns whether the session was still active */
export async function revokeOperatorSession(tx: Tx, id: string): Promise<boolean> {
  const ended = await named(
    "revokeOperatorSession",
    tx
      .update(sessions)
      .set({ revokedAt: sql`now()`, revokedReason: "OPERATOR_ENDED" })
      .where(and(eq(sessions.id, id), isNotNull(sessions.operatorId), isActive))
      .returning({ id: sessions.id }),
  );
  return ended.length > 0;
}
