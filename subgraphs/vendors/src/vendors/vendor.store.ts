import { vendors as tables } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { type KeysetSlice, rankWithin } from "@weft/api/pages";
import { and, eq, getTableColumns, lte, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { vendors } = tables;

export type VendorRow = typeof vendors.$inferSelect;
export type NewVendor = Pick<
  VendorRow,
  "tenantId" | "id" | "code" | "name" | "email" | "phone" | "categories" | "fields" | "fieldsVersion" | "status" | "instanceId"
> &
  Partial<Pick<VendorRow, "registrationMethod" | "registrationLinkId">>;
export type VendorChanges = Partial<Pick<VendorRow, "code" | "name" | "email" | "phone" | "categories" | "fields" | "fieldsVersion">>;

/** All vendors in scope TENANT, the viewer's own vendor in scope ASSIGNED. Row-level security shows users of a vendor only their own. */
export const visibleVendors = (viewer: Viewer, permission: Permission): SQL => visibleObjects("vendor", viewer, permission);

export async function findVendorsByIds(
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permission: Permission = "vendor.read",
): Promise<Map<string, VendorRow>> {
  const where = and(among(vendors.id, ids), visibleVendors(viewer, permission));
  const rows = await named("findVendorsByIds", tx.select().from(vendors).where(where));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Returns at most `slice.limit` visible vendors that registered with each link, in the slice's order. */
export function listVendorsOfLinks(tx: Tx, viewer: Viewer, linkIds: readonly string[], slice: KeysetSlice): Promise<VendorRow[]> {
  const ranked = tx
    .select({ id: vendors.id, rank: rankWithin(vendors.registrationLinkId, slice) })
    .from(vendors)
    .where(and(among(vendors.registrationLinkId, linkIds), visibleVendors(viewer, "vendor.read"), slice.where))
    .as("ranked");
  const query = tx
    .select(getTableColumns(vendors))
    .from(vendors)
    .innerJoin(ranked, eq(ranked.id, vendors.id))
    .where(lte(ranked.rank, slice.limit))
    .orderBy(ranked.rank);
  return named("listVendorsOfLinks", query);
}

/** Locks a vendor for a change. Null if the permission does not cover it for the viewer. */
export async function lockVendor(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<VendorRow | null> {
  const where = and(eq(vendors.id, id), visibleVendors(viewer, permission));
  const [row] = await named("lockVendor", tx.select().from(vendors).where(where).for("update"));
  return row ?? null;
}

/** Returns a vendor that was written in this transaction, or replayed from an earlier one. */
export async function getWrittenVendor(tx: Tx, id: string): Promise<VendorRow> {
  const [row] = await named("selectVendor", tx.select().from(vendors).where(eq(vendors.id, id)));
  if (!row) throw new Error(`The vendor ${id} was written but cannot be read.`);
  return row;
}

/** @throws BadUserInput if the code is taken */
export const insertVendor = (tx: Tx, vendor: NewVendor): Promise<VendorRow> =>
  insertedRow(named("insertVendor", tx.insert(vendors).values(vendor).returning()), unique(vendor.code));

/**
 * Writes the changes of a vendor that the caller has locked, and increments its version.
 * @throws BadUserInput if the code is taken
 */
export async function updateVendorRow(tx: Tx, id: string, changes: VendorChanges): Promise<VendorRow> {
  const query = tx
    .update(vendors)
    .set({ ...changes, ...nextVersion(vendors) })
    .where(eq(vendors.id, id))
    .returning();
  const row = await writtenRow(named("updateVendorRow", query), unique(changes.code));
  if (!row) throw new Error("A locked vendor could not be changed.");
  return row;
}

type StatusColumns = Pick<VendorRow, "status" | "statusReason"> & Partial<Pick<VendorRow, "instanceId">>;

/** Writes the status of a vendor that the caller has locked, and increments its version. */
export async function updateVendorStatus(tx: Tx, id: string, columns: StatusColumns): Promise<VendorRow> {
  const query = tx
    .update(vendors)
    .set({ ...columns, statusChangedAt: sql`now()`, ...nextVersion(vendors) })
    .where(eq(vendors.id, id))
    .returning();
  const [row] = await named("updateVendorStatus", query);
  if (!row) throw new Error("A locked vendor could not be changed.");
  return row;
}

const unique = (code: string | undefined) => ({ vendors_code_key: { type: "vendor", field: "code", value: code } }) as const;
