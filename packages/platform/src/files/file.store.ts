import { auditExports, compliance, files as tables, listExports, privacy } from "@weft/drizzle";
import { and, count, eq, inArray, ne, not, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import { insertedRow, writtenRow } from "../db/rows.js";
import { DueQueue } from "../queues/due-queue.js";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import { hasPreviews } from "./previews/preview-sizes.js";
import { visibleAttachments } from "./visible-attachments.js";

const { attachments, files } = tables;
const { exportJobs } = listExports;
const { complianceReportFiles } = compliance;
const { privacyRequests } = privacy;
const { exportsOfAudit } = auditExports;

export type FileRow = typeof files.$inferSelect;
export type NewFile = typeof files.$inferInsert;

/** Times that a file waits before it is deleted. Database intervals. */
const uploadTime = "1 hour";
const unattachedTime = "1 day";
const rejectedTime = "1 day";
/** Files with due work: scanning, expiry, deletion of bytes. What users have deleted must not stay because their tenant is suspended. */
export const fileQueue = new DueQueue({ name: "File", table: files, dueAt: "dueAt", claimTime: "5 minutes", isDoneInAllTenants: true });

const after = (interval: string): SQL => sql`now() + ${interval}::interval`;

/**
 * A file is visible to its uploader until it is attached; from then on, to everyone who can see one of its attachments. That of an export is hidden from
 * its creator as soon as the rights differ from those with which it was made. Those of compliance reports are visible to everyone who can read these.
 */
function visible(viewer: Viewer): SQL | undefined {
  return and(
    sql`${files.status} <> 'DELETED'`,
    or(...visibleOutsideReports(viewer), reachesAll(viewer, "complianceReport.read") ? isOfReport : undefined),
  );
}

/** Files of compliance reports belong to these alone: they are neither attached to objects, whose viewers could then read them, nor deleted before them. */
const isOfReport = sql`exists (select from ${complianceReportFiles} where ${and(
  eq(complianceReportFiles.tenantId, files.tenantId),
  eq(complianceReportFiles.fileId, files.id),
)})`;

function visibleOutsideReports(viewer: Viewer): readonly (SQL | undefined)[] {
  const isMadeWithOtherRights = [exportJobs, exportsOfAudit].map(
    (table) =>
      sql`exists (select from ${table} where ${and(
        eq(table.tenantId, files.tenantId),
        eq(table.fileId, files.id),
        sql`${table.rightsVersion} is distinct from ${viewer.rightsVersion}`,
      )})`,
  );
  // Everything about a person is only for a user who is logged in, and who may still ask for it.
  const mayExportPeople = viewer.apiKey === null && reachesAll(viewer, "privacy.manage");
  const isOwn = and(
    not(files.isAttached),
    eq(files.createdBy, viewer.userId),
    ...isMadeWithOtherRights.map((one) => not(one)),
    mayExportPeople ? undefined : not(isExportOfPerson),
  );
  const isSeenAttached = sql`exists (select from ${attachments} where ${and(
    eq(attachments.tenantId, files.tenantId),
    eq(attachments.fileId, files.id),
    visibleAttachments(viewer),
  )})`;
  return [isOwn, isSeenAttached];
}

const isExportOfPerson = sql`exists (select from ${privacyRequests} where ${and(
  eq(privacyRequests.tenantId, files.tenantId),
  eq(privacyRequests.fileId, files.id),
)})`;

const isExportOfAudit = sql`exists (select from ${exportsOfAudit} where ${and(
  eq(exportsOfAudit.tenantId, files.tenantId),
  eq(exportsOfAudit.fileId, files.id),
)})`;

/** Returns which of the files are exports of the data of people or of the audit trail. Attached, they would be read by others, and for longer than a day. */
export async function findConfidentialExports(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const query = tx
    .select({ id: files.id })
    .from(files)
    .where(and(inArray(files.id, [...ids]), or(isExportOfPerson, isExportOfAudit)));
  return new Set((await named("findConfidentialExports", query)).map(({ id }) => id));
}

/** Returns those of the given files that the viewer can see, in any order. */
export const findFiles = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<FileRow[]> =>
  named(
    "findFiles",
    tx
      .select()
      .from(files)
      .where(and(inArray(files.id, [...ids]), visible(viewer))),
  );

/** Returns those of the given files that the viewer can attach to an object, in any order. */
export const findAttachableFiles = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<FileRow[]> =>
  named(
    "findAttachableFiles",
    tx
      .select()
      .from(files)
      .where(and(inArray(files.id, [...ids]), sql`${files.status} <> 'DELETED'`, or(...visibleOutsideReports(viewer)))),
  );

export async function findFile(tx: Tx, viewer: Viewer, id: string): Promise<FileRow | null> {
  const [row] = await findFiles(tx, viewer, [id]);
  return row ?? null;
}

/** Locks a file for a change of its attachments. */
export async function lockFile(tx: Tx, id: string): Promise<FileRow | null> {
  const [row] = await named("lockFile", tx.select().from(files).where(eq(files.id, id)).for("update"));
  return row ?? null;
}

/** Locks files for a change of their attachments, in the order of their IDs. */
export async function lockFiles(tx: Tx, ids: readonly string[]): Promise<void> {
  const query = tx
    .select({ id: files.id })
    .from(files)
    .where(inArray(files.id, [...ids]))
    .orderBy(files.id)
    .for("update");
  await named("lockFiles", query);
}

/** Returns the number of uploads of a user whose bytes are awaited. */
export async function countPendingFiles(tx: Tx, userId: string): Promise<number> {
  const query = tx
    .select({ count: count() })
    .from(files)
    .where(and(eq(files.createdBy, userId), eq(files.status, "PENDING"), not(files.isAttached)));
  const [row] = await named("countPendingFiles", query);
  return row?.count ?? 0;
}

export const insertFile = (tx: Tx, values: NewFile): Promise<FileRow> =>
  insertedRow(
    named(
      "insertFile",
      tx
        .insert(files)
        .values({ ...values, dueAt: after(uploadTime) })
        .returning(),
    ),
  );

/** Begins another attempt to receive a file's bytes, which supersedes earlier ones. Null if the file does not await bytes of this user. */
export const beginAttempt = (tx: Tx, id: string, userId: string): Promise<FileRow | null> =>
  writtenRow(
    named(
      "beginAttempt",
      tx
        .update(files)
        .set({ attempt: sql`${files.attempt} + 1`, dueAt: after(uploadTime) })
        .where(
          and(
            eq(files.id, id),
            eq(files.createdBy, userId),
            eq(files.status, "PENDING"),
            sql`${files.dueAt} > now()`,
            sql`${files.attempt} < 1000`,
          ),
        )
        .returning(),
    ),
  );

/** When a worker has to make the previews of a file that becomes available. */
const previewsDueAt = (file: Pick<FileRow, "type" | "size">): SQL | null => (hasPreviews(file) ? sql`now()` : null);

interface Received extends Pick<FileRow, "id" | "attempt" | "size"> {
  readonly type: string;
  readonly sha256: string;
  readonly nextStatus: "SCANNING" | "STORED";
}

/** Records that an attempt has stored the bytes. Null if another attempt has superseded it, or the file no longer awaits bytes. */
export const completeAttempt = (tx: Tx, { id, attempt, type, size, sha256, nextStatus }: Received): Promise<FileRow | null> =>
  writtenRow(
    named(
      "completeAttempt",
      tx
        .update(files)
        .set({
          type,
          sha256,
          status: nextStatus,
          storedAt: sql`now()`,
          dueAt: nextStatus === "SCANNING" ? sql`now()` : after(unattachedTime),
          previewsDueAt: nextStatus === "STORED" ? previewsDueAt({ type, size }) : null,
        })
        .where(and(eq(files.id, id), eq(files.attempt, attempt), eq(files.status, "PENDING")))
        .returning(),
    ),
  );

/** Rejects a file because of its content. Null if it is no longer being received or scanned, or if another attempt has superseded this one. */
export const rejectFileRow = (tx: Tx, { id, attempt }: Pick<FileRow, "id" | "attempt">, reason: string): Promise<FileRow | null> =>
  writtenRow(
    named(
      "rejectFileRow",
      tx
        .update(files)
        .set({ status: "REJECTED", reason, dueAt: after(rejectedTime) })
        .where(and(eq(files.id, id), eq(files.attempt, attempt), inArray(files.status, ["PENDING", "SCANNING"])))
        .returning(),
    ),
  );

/** Makes a scanned file available. */
export async function clearFile(tx: Tx, { id, type, size }: FileRow): Promise<void> {
  const dueAt = sql`case when ${files.isAttached} then null else ${after(unattachedTime)} end`;
  await named(
    "clearFile",
    tx
      .update(files)
      .set({ status: "STORED", dueAt, previewsDueAt: previewsDueAt({ type, size }) })
      .where(and(eq(files.id, id), eq(files.status, "SCANNING"))),
  );
}

/** Records that files are attached, so that they do not expire. */
export async function keepFiles(tx: Tx, ids: readonly string[]): Promise<void> {
  const dueAt = sql`case when ${files.status} = 'STORED' then null else ${files.dueAt} end`;
  const query = tx
    .update(files)
    .set({ isAttached: true, dueAt })
    .where(inArray(files.id, [...ids]));
  await named("keepFiles", query);
}

/**
 * Marks a file without attachments as deleted. A worker then deletes its bytes: at once, or, if previews are being made, after that. Null if the file has
 * attachments, belongs to a compliance report, or is already deleted.
 */
export const deleteUnattached = (tx: Tx, id: string): Promise<FileRow | null> => {
  const dueAt = sql`greatest(now(), ${files.previewsDueAt})`;
  return writtenRow(
    named(
      "deleteUnattached",
      tx
        .update(files)
        .set({ status: "DELETED", reason: null, isAttached: false, dueAt, previewsDueAt: null })
        .where(
          and(
            eq(files.id, id),
            ne(files.status, "DELETED"),
            sql`not exists (select from ${attachments} where ${and(eq(attachments.tenantId, files.tenantId), eq(attachments.fileId, files.id))})`,
            not(isOfReport),
          ),
        )
        .returning(),
    ),
  );
};

/** Deletes the row of a file whose bytes are deleted. That of a rejected one remains as long as it has attachments. */
export async function deleteFileRow(tx: Tx, id: string): Promise<void> {
  const isDone = and(inArray(files.status, ["DELETED", "REJECTED"]), not(files.isAttached));
  await named("deleteFileRow", tx.delete(files).where(and(eq(files.id, id), isDone)));
}

/** Keeps the row of a rejected file that has attachments, which show why there is no content. */
export async function keepRejected(tx: Tx, id: string): Promise<void> {
  const isRejected = and(eq(files.id, id), eq(files.status, "REJECTED"), files.isAttached);
  await named("keepRejected", tx.update(files).set({ dueAt: null }).where(isRejected));
}
