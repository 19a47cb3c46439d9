import { audit } from "@weft/drizzle";
import { among } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import type DataLoader from "dataloader";
import { findEntries, newestFirst } from "./audit-entry.store.js";
import { type AuditEntry, auditEntryNodes } from "./audit-entry.type.js";

/** Loads audit entries that the viewer can see, by UUID. */
export const auditEntryLoader = (ctx: Context): DataLoader<string, AuditEntry | null> =>
  ctx.loader<string, AuditEntry>("auditEntry", async (tx, ids) => {
    const reading = auditEntryNodes.reading(ctx);
    const slice = { where: among(audit.auditEntries.id, ids), orderBy: newestFirst, limit: ids.length, reading };
    const rows = await findEntries(tx, ctx.services.keyring, ctx.viewer, slice);
    return new Map(rows.map((row) => [row.id, auditEntryNodes.toNode(row)]));
  });
