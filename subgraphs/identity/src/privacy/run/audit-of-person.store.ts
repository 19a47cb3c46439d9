import { audit, auditExports, compliance, files as fileTables, listExports, privacy } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, isNotNull, notInArray, or } from "drizzle-orm";

const { auditEntries } = audit;
const { complianceReportFiles } = compliance;
const { files } = fileTables;
const { exportJobs } = listExports;
const { exportsOfAudit } = auditExports;
const { privacyRequests } = privacy;

/** Entries of one export. */
const MAX_ENTRIES = 50_000;

/** Returns what the audit trail says about a person, and which actions are the person's own, oldest first. Images are of entries about the person only. */
export async function findEntriesAbout(tx: Tx, personId: string) {
  const query = tx
    .select({
      id: auditEntries.id,
      at: auditEntries.at,
      action: auditEntries.action,
      entityType: auditEntries.entityType,
      entityId: auditEntries.entityId,
      actorId: auditEntries.actorId,
      before: auditEntries.before,
      after: auditEntries.after,
    })
    .from(auditEntries)
    .where(or(eq(auditEntries.entityId, personId), eq(auditEntries.actorId, personId)))
    .orderBy(auditEntries.at)
    .limit(MAX_ENTRIES);
  const rows = await named("findEntriesAboutPerson", query);
  // What the person did to others contains data of others.
  return rows.map((row) => (row.entityId === personId ? row : { ...row, before: null, after: null }));
}

/** Returns the stored files that a person has uploaded, without exports and compliance reports, which are about others. */
export function findStoredFilesOf(tx: Tx, personId: string): Promise<(typeof files.$inferSelect)[]> {
  const exported = tx.select({ id: privacyRequests.fileId }).from(privacyRequests).where(isNotNull(privacyRequests.fileId));
  const listsExported = tx.select({ id: exportJobs.fileId }).from(exportJobs).where(isNotNull(exportJobs.fileId));
  const trailsExported = tx.select({ id: exportsOfAudit.fileId }).from(exportsOfAudit);
  const reported = tx.select({ id: complianceReportFiles.fileId }).from(complianceReportFiles);
  return named(
    "findStoredFilesOfPerson",
    tx
      .select()
      .from(files)
      .where(
        and(
          eq(files.createdBy, personId),
          eq(files.status, "STORED"),
          notInArray(files.id, exported),
          notInArray(files.id, listsExported),
          notInArray(files.id, trailsExported),
          notInArray(files.id, reported),
        ),
      ),
  );
}
