import { auditStreams as tables } from "@weft/drizzle";
import { atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { eq, sql } from "drizzle-orm";

const { auditStreams } = tables;

export type AuditStreamRow = typeof auditStreams.$inferSelect;

export async function findAuditStream(tx: Tx, id: string): Promise<AuditStreamRow | null> {
  const [row] = await named("findAuditStream", tx.select().from(auditStreams).where(eq(auditStreams.id, id)));
  return row ?? null;
}

export const countAuditStreams = (tx: Tx): Promise<number> =>
  countRows(tx, { name: "countAllAuditStreams", table: auditStreams, where: undefined });

export const insertAuditStream = (tx: Tx, values: typeof auditStreams.$inferInsert): Promise<AuditStreamRow> =>
  insertedRow(named("insertAuditStream", tx.insert(auditStreams).values(values).returning()), {});

/** What an update changes. Whoever is sending notices it by the number of claims, and what was sent meanwhile is sent again. */
export type AuditStreamChanges = Partial<Pick<AuditStreamRow, "name" | "url" | "access" | "accessNames" | "includesValues" | "status">>;

/** Null if the stream has changed since `version`. */
export const updateAuditStreamRow = (tx: Tx, id: string, version: number, changes: AuditStreamChanges): Promise<AuditStreamRow | null> =>
  writtenRow(
    named(
      "updateAuditStream",
      tx
        .update(auditStreams)
        .set({
          ...changes,
          claims: sql`${auditStreams.claims} + 1`,
          // At once: what was wrong can be right now.
          dueAt: sql`case when ${changes.status ?? auditStreams.status} = 'ACTIVE' and ${auditStreams.head} > ${auditStreams.sequence} then now() end`,
          ...nextVersion(auditStreams),
        })
        .where(atVersion(auditStreams, id, version))
        .returning(),
    ),
  );

/** Null if the stream has changed since `version`. */
export const deleteAuditStreamRow = (tx: Tx, id: string, version: number): Promise<AuditStreamRow | null> =>
  writtenRow(
    named(
      "deleteAuditStream",
      tx
        .delete(auditStreams)
        .where(atVersion(auditStreams, id, version))
        .returning(),
    ),
  );
