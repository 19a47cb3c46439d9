import { BadUserInput, LimitExceeded, NotFound } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { findChainEnd, findSealHash, genesisHash, writeAudit } from "@weft/platform/audit";
import { writers } from "@weft/platform/audit-exports";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { deleteFile, findFile, insertFile, issueFileToken } from "@weft/platform/files";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { asksFor } from "@weft/api/filters";
import type { VersionedIdInput } from "@weft/api/inputs";
import { AuditEntryFilter } from "../entries/audit-entry.list.js";
import type { ExportAuditEntriesInput } from "./audit-export.input.js";
import {
  cancelAuditExportRow,
  countRunningAuditExports,
  findAuditExports,
  insertAuditExport,
  lockAuditExport,
} from "./audit-export.store.js";
import { type AuditExportFile, type AuditExportPayload, type AuditExportRow, toAuditExport } from "./audit-export.type.js";

/** Exports of one user that wait or run. */
const maxRunning = 5;
/** Seconds. Long enough to begin a transfer; the rights are checked at that time, too. */
const linkLifetime = 900;

/**
 * Starts an export of the sealed entries. A worker runs it with the rights that the viewer has then.
 * @throws BadUserInput (filter, place), LimitExceeded (`runningExports`), Conflict (idempotency key)
 */
export async function exportAuditEntries(ctx: Context, input: ExportAuditEntriesInput): Promise<AuditExportPayload> {
  if (asksFor("address", input.filter))
    throw new BadUserInput([
      {
        path: "input.filter.address",
        message:
          "Exports cannot be filtered by address, because the filter is stored. Export a period, or the entries of an actor, and search the file.",
      },
    ]);
  AuditEntryFilter.toSql(input.filter, "input.filter");
  const row = await ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "exportAuditEntries", input }, () => create(tx, ctx, input));
    const [found] = await findAuditExports(tx, ctx.viewer, [id]);
    if (found === undefined) throw new NotFound("AuditExport", encodeId("auditExport", id));
    return found;
  });
  await wakeWorkers(ctx.services);
  return { export: toAuditExport(row) };
}

async function create(tx: Tx, ctx: Context, { filter, afterSequence, format }: ExportAuditEntriesInput): Promise<AuditExportRow> {
  const { tenantId, userId, sessionId } = ctx.viewer;
  const used = await countRunningAuditExports(tx, userId);
  if (used >= maxRunning) throw new LimitExceeded({ limit: "runningExports", used, allowed: maxRunning });
  const range = await rangeOf(tx, tenantId, afterSequence ?? 0);
  const { extension, mediaType } = writers[format];
  const name = `audit-entries-${range.afterSequence + 1}-${range.upToSequence}.${extension}`;
  const file = await insertFile(tx, { tenantId, id: newId(), name, size: 0, declaredType: mediaType, createdBy: userId });
  const created = await insertAuditExport(tx, {
    tenantId,
    id: newId(),
    format,
    filter: filter ? (JSON.parse(JSON.stringify(filter)) as Record<string, unknown>) : null,
    ...range,
    sequence: range.afterSequence,
    fileId: file.id,
    createdBy: userId,
    sessionId,
  });
  await record(tx, ctx, "auditExport.create", { before: null, after: created });
  return created;
}

type Range = Pick<AuditExportRow, "afterSequence" | "afterHash" | "upToSequence" | "upToHash">;

/** The sealed entries after a place. What is sealed while the export runs is not part of it. @throws BadUserInput */
async function rangeOf(tx: Tx, tenantId: string, afterSequence: number): Promise<Range> {
  const { lastSeal } = await findChainEnd(tx);
  const path = "input.afterSequence";
  if (afterSequence < 0 || afterSequence > lastSeal)
    throw new BadUserInput([
      { path, message: `The chain has ${lastSeal} entries. Use a place from 0 to ${lastSeal}, not ${afterSequence}.` },
    ]);
  const hashAt = async (sequence: number): Promise<string> => {
    if (sequence === 0) return genesisHash(tenantId);
    const hash = await findSealHash(tx, sequence);
    if (hash === null)
      throw new BadUserInput([{ path, message: `The seal ${sequence} is missing. Start a verification of the audit trail.` }]);
    return hash;
  };
  return { afterSequence, afterHash: await hashAt(afterSequence), upToSequence: lastSeal, upToHash: await hashAt(lastSeal) };
}

/** Stops an export, and deletes what it has written. Does nothing if it has ended. @throws NotFound, Conflict */
export async function cancelAuditExport(ctx: Context, input: VersionedIdInput): Promise<AuditExportPayload> {
  const id = decodeId("auditExport", input.id, "input.id");
  const row = await ctx.inTenant(async (tx) => {
    const before = await lockAuditExport(tx, ctx.viewer, id);
    if (before === null) throw new NotFound("AuditExport", input.id);
    if (before.status !== "RUNNING") return before;
    const after = await cancelAuditExportRow(tx, id, input.expectedVersion ?? before.version);
    if (after === null) throw changedMeanwhile("auditExport", before.version);
    await record(tx, ctx, "auditExport.cancel", { before, after });
    await deleteFile(tx, ctx.meta, after.fileId);
    return after;
  });
  return { export: toAuditExport(row) };
}

/** Returns a link to the file. Null if there is none, it has expired, or the viewer's rights are not those with which it was made. */
export async function fileOf(ctx: Context, { status, fileId }: AuditExportRow): Promise<AuditExportFile | null> {
  if (status !== "COMPLETED") return null;
  const file = await ctx.read((tx) => findFile(tx, ctx.viewer, fileId));
  if (file === null || file.sha256 === null) return null;
  const { tenantId, userId, sessionId } = ctx.viewer;
  // True time: links are used outside the tenant, whose clock can differ in a sandbox.
  const expiresAt = Math.floor(Date.now() / 1_000) + linkLifetime;
  const token = issueFileToken(ctx.services.keys.refresh, { purpose: "download", tenantId, userId, sessionId, fileId, expiresAt });
  return { name: file.name, url: `/files/${token}`, expiresAt: new Date(expiresAt * 1_000).toISOString(), sha256: file.sha256 };
}

interface Recorded {
  readonly before: AuditExportRow | null;
  readonly after: AuditExportRow;
}

const record = (tx: Tx, ctx: Context, action: string, { before, after }: Recorded): Promise<void> =>
  writeAudit(tx, ctx.meta, [{ action, entityType: "auditExport", entityId: after.id, before, after }]);
