import { audit } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { type ConnectionArgs, keysetPage, type KeysetSlice, type Page } from "@weft/api/pages";
import type { OpenedEntry } from "./audit-entry.columns.js";
import { countTrails, findTrails } from "./audit-entry.store.js";
import { type AuditEntry, auditEntryNodes } from "./audit-entry.type.js";

const { auditEntries } = audit;

/** Returns a page of the audit trail of an object, with the entries of its workflows. First pages of many objects are read in one statement. */
export function auditTrail(ctx: Context, entityId: string, args: ConnectionArgs): Promise<Page<AuditEntry>> {
  return keysetPage<OpenedEntry, AuditEntry>(ctx, {
    args,
    list: `auditTrail ${entityId}`,
    orderBy: null,
    id: { column: auditEntries.id, valueOf: (row) => row.id },
    fetch: (slice) => (slice.where === undefined ? firstPage(ctx, entityId, slice) : laterPage(ctx, entityId, slice)),
    count: async () =>
      (await ctx.loader<string, number>("auditTrailCount", (tx, ids) => countTrails(tx, ctx.viewer, ids)).load(entityId)) ?? 0,
    toNode: auditEntryNodes.toNode,
  });
}

async function firstPage(ctx: Context, entityId: string, slice: KeysetSlice): Promise<OpenedEntry[]> {
  // Size and direction are part of the name, because trails with different values need different statements.
  const name = `auditTrail ${slice.walk} ${slice.limit}`;
  const loader = ctx.loader<string, OpenedEntry[]>(name, (tx, entityIds) =>
    findTrails(tx, ctx.services.keyring, ctx.viewer, { ...slice, entityIds, reading: auditEntryNodes.reading(ctx) }),
  );
  return (await loader.load(entityId)) ?? [];
}

async function laterPage(ctx: Context, entityId: string, slice: KeysetSlice): Promise<OpenedEntry[]> {
  const reading = auditEntryNodes.reading(ctx);
  const trails = await ctx.read((tx) => findTrails(tx, ctx.services.keyring, ctx.viewer, { ...slice, entityIds: [entityId], reading }));
  return trails.get(entityId) ?? [];
}
