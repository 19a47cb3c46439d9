import { audit, auditExports, compliance, files as fileTables, listExports, privacy } from "@weft/drizzle";
import { openImages } from "@weft/platform/audit";
import { named, type Tx } from "@weft/platform/db";
import type { PageOfPerson } from "@weft/platform/erasure";
import type { PersonKeyring } from "@weft/platform/privacy";
import { and, count, eq, gt, isNotNull, notInArray, or } from "drizzle-orm";

const { auditEntries } = audit;
const { complianceReportFiles } = compliance;
const { files } = fileTables;
const { exportJobs } = listExports;
const { exportsOfAudit } = auditExports;
const { privacyRequests } = privacy;

/** Columns of an entry in an export. */
export const entryColumns = [
  "id",
  "at",
  "action",
  "entityType",
  "entityId",
  "actorId",
  "class",
  "outcome",
  "details",
  "address",
  "userAgent",
  "clientName",
  "clientVersion",
  "before",
  "after",
] as const;

const isAbout = (personId: string) => or(eq(auditEntries.entityId, personId), eq(auditEntries.actorId, personId));

/** Returns the number of entries about a person, and of the person's own actions, at most `max`. */
export async function countEntriesAbout(tx: Tx, personId: string, max: number): Promise<number> {
  const some = tx.select({ id: auditEntries.id }).from(auditEntries).where(isAbout(personId)).limit(max).as("some");
  const [row] = await named("countEntriesAboutPerson", tx.select({ count: count() }).from(some));
  return row?.count ?? 0;
}

interface Page {
  readonly tenantId: string;
  readonly personId: string;
  /** ID of the last entry of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/**
 * Returns the next entries of what the audit trail says about a person, and of the person's own actions, in the order of their IDs, which is nearly that of
 * their times. Images are of entries about the person only: what the person did to others contains data of others. Addresses and programs are those of the
 * person's own actions only.
 */
export async function findEntriesAbout(tx: Tx, keyring: PersonKeyring, { tenantId, personId, after, limit }: Page): Promise<PageOfPerson> {
  const { id, at, action, entityType, entityId, actorId, before, after: imageAfter } = auditEntries;
  const { class: kind, outcome, details, address, userAgent, clientName, clientVersion } = auditEntries;
  const origin = { address, userAgent, clientName, clientVersion };
  const query = tx
    .select({ id, at, action, entityType, entityId, actorId, class: kind, outcome, details, ...origin, before, after: imageAfter })
    .from(auditEntries)
    .where(and(isAbout(personId), after === null ? undefined : gt(auditEntries.id, after)))
    .orderBy(auditEntries.id)
    .limit(limit);
  const entries = await named("findEntriesAboutPerson", query);
  const sealed = entries.flatMap((entry) => {
    const { entityType: type, address: from, userAgent: program } = entry;
    const [isAboutPerson, isByPerson] = [entry.entityId === personId, entry.actorId === personId];
    return [
      ...[entry.before, entry.after].map((image) => ({ type, image: isAboutPerson ? image : null })),
      { type: "audit.entries", image: isByPerson ? { address: from, userAgent: program } : null },
    ];
  });
  const images = await openImages(tx, keyring, tenantId, sealed);
  const rows = entries.map((entry, index) => {
    const [opened, openedAfter, own] = images.slice(3 * index, 3 * index + 3);
    const ofOthers = { address: null, userAgent: null, clientName: null, clientVersion: null, details: null };
    return { ...entry, ...(own ?? ofOthers), before: opened ?? null, after: openedAfter ?? null };
  });
  return { rows, after: entries.at(-1)?.id ?? null };
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
