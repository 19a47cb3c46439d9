import { audit } from "@weft/drizzle";
import { type ConnectionArgs, type Context, keysetPage, type KeysetSlice, type Page } from "@weft/shared";
import { and, eq } from "drizzle-orm";
import type { OpenedEntry } from "./audit-entry.columns.js";
import { countTrails, findEntries, findTrails } from "./audit-entry.store.js";
import { type AuditEntry, auditEntryNodes } from "./audit-entry.type.js";

const { auditEntries } = audit;

/** Returns a page of the audit trail of an object. First pages of many objects are read in one statement. */
export function auditTrail(ctx: Context, entityId: string, args: ConnectionArgs): Promise<Page<AuditEntry>> {
  return keysetPage<OpenedEntry, AuditEntry>(ctx, {
    args,
    list: `auditTrail ${entityId}`,
    orderBy: null,
    id: { column: auditEntries.id, valueOf: (row) => row.id },
    fetch: (slice) => (slice.where === undefined ? firstPage(ctx, entityId, args, slice) : laterPage(ctx, entityId, slice)),
    count: async () =>
      (await ctx.loader<string, number>("auditTrailCount", (tx, ids) => countTrails(tx, ctx.viewer, ids)).load(entityId)) ?? 0,
    toNode: auditEntryNodes.toNode,
  });
}

async function firstPage(
  ctx: Context,
  entityId: string,
  { last }: ConnectionArgs,
  { orderBy, limit }: KeysetSlice,
): Promise<OpenedEntry[]> {
  // Size and direction are part of the name, because trails with different values need different statements.
  const name = `auditTrail ${typeof last === "number" ? "last" : "first"} ${limit}`;
  const loader = ctx.loader<string, OpenedEntry[]>(name, (tx, entityIds) =>
    findTrails(tx, ctx.services.keyring, ctx.viewer, {
      entityIds,
      orderBy,
      limit,
      reading: auditEntryNodes.reading(ctx, { also: ["entityId"] }),
    }),
  );
  return (await loader.load(entityId)) ?? [];
}

function laterPage(ctx: Context, entityId: string, { where, orderBy, limit }: KeysetSlice): Promise<OpenedEntry[]> {
  const ofEntity = and(eq(auditEntries.entityId, entityId), where);
  return ctx.read((tx) =>
    findEntries(tx, ctx.services.keyring, ctx.viewer, { where: ofEntity, orderBy, limit, reading: auditEntryNodes.reading(ctx) }),
  );
}
