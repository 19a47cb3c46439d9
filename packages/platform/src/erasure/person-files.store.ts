import { compliance, files as fileTables, listExports } from "@weft/drizzle";
import { and, eq, inArray, ne, not, notExists, type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

const { attachments, files } = fileTables;
const { complianceReportFiles } = compliance;
const { exportJobs } = listExports;

/** Objects whose files are documents of the organization, whoever has uploaded them. */
const documented = ["contract", "vendorDocument", "building", "asset", "maintenancePlan"] as const;

/**
 * Whether a file is attached to a request that a legal hold covers, or to its instances and their tasks. Whoever uploaded such a file is held, too, and is not
 * erased. This also protects it if the hold does not find its uploader.
 */
const isHeld: SQL = sql`exists (
  select from ${attachments} a
   where a.tenant_id = ${files.tenantId} and a.file_id = ${files.id} and a.object_id in (
     select o.id from identity.legal_holds h cross join lateral app.objects_of_request(h.object_id) o (id)
      where h.tenant_id = app.tenant() and h.ended_at is null and h.object_type = 'request'))`;

/**
 * Returns the files that a person has uploaded, and that are not deleted. Compliance reports are evidence of the organization, and are deleted after a time
 * of their own. Files of contracts and other documents stay: they are the organization's, too. So do files that a legal hold covers.
 */
export async function findFilesOfPerson(tx: Tx, personId: string): Promise<string[]> {
  const isOfReport = tx
    .select({ one: sql`1` })
    .from(complianceReportFiles)
    .where(and(eq(complianceReportFiles.tenantId, files.tenantId), eq(complianceReportFiles.fileId, files.id)));
  const isDocument = tx
    .select({ one: sql`1` })
    .from(attachments)
    .where(
      and(eq(attachments.tenantId, files.tenantId), eq(attachments.fileId, files.id), inArray(attachments.objectType, [...documented])),
    );
  const query = tx
    .select({ id: files.id })
    .from(files)
    .where(and(eq(files.createdBy, personId), ne(files.status, "DELETED"), notExists(isOfReport), notExists(isDocument), not(isHeld)));
  return (await named("findFilesOfPerson", query)).map(({ id }) => id);
}

/**
 * Returns the files of exports of lists that are not attached to an object. They can contain anybody, exist for a day, and can be made again. Attached ones are
 * documents of the organization.
 */
export async function findFilesOfExports(tx: Tx): Promise<string[]> {
  const query = tx
    .select({ id: files.id })
    .from(exportJobs)
    .innerJoin(files, and(eq(files.tenantId, exportJobs.tenantId), eq(files.id, exportJobs.fileId)))
    .where(and(ne(files.status, "DELETED"), not(files.isAttached)));
  return (await named("findFilesOfExports", query)).map(({ id }) => id);
}

/** Returns the files of exports of a person's data. */
export async function findFilesAboutPerson(tx: Tx, personId: string): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "findFilesAboutPerson",
      sql`select f.id from identity.privacy_requests r join app.files f on f.tenant_id = r.tenant_id and f.id = r.file_id
          where r.tenant_id = app.tenant() and r.person_id = ${personId}::uuid and f.status <> 'DELETED'`,
    ),
  );
  return rows.map(({ id }) => id);
}

/** Detaches files from all objects. */
export async function detachFiles(tx: Tx, ids: readonly string[]): Promise<void> {
  await named("detachFiles", tx.delete(attachments).where(inArray(attachments.fileId, [...ids])));
}

/** Returns how many of the files are deleted, or no longer exist. */
export async function countDeletedFiles(tx: Tx, ids: readonly string[]): Promise<number> {
  const query = tx
    .select({ id: files.id })
    .from(files)
    .where(and(inArray(files.id, [...ids]), ne(files.status, "DELETED")));
  return ids.length - (await named("findFilesLeft", query)).length;
}
