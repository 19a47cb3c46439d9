import { vendors as tables } from "@weft/drizzle";
import { among, mapDatabaseError, named, BadUserInput, quote, visibleObjects } from "@weft/shared";
import type { Permission, Tx, Viewer } from "@weft/shared";
import { and, eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { vendors } = tables;

export type VendorRow = typeof vendors.$inferSelect;
export type NewVendor = Pick<VendorRow, "tenantId" | "id" | "code" | "name" | "email" | "phone" | "categories">;
export type VendorChanges = Partial<Pick<VendorRow, "code" | "name" | "email" | "phone" | "categories" | "status">>;

/** All vendors in scope TENANT, the viewer's own one in scope ASSIGNED; row-level security shows a vendor's user only that one. */
export const visibleVendors = (viewer: Viewer, permission: Permission): SQL => visibleObjects("vendor", viewer, permission);

export async function findVendorsByIds(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<Map<string, VendorRow>> {
  const where = and(among(vendors.id, ids), visibleVendors(viewer, "vendor.read"));
  const rows = await named("findVendorsByIds", tx.select().from(vendors).where(where));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Locks a vendor for a change; null when the viewer does not reach it with the permission. */
export async function lockVendor(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<VendorRow | null> {
  const where = and(eq(vendors.id, id), visibleVendors(viewer, permission));
  const [row] = await named("lockVendor", tx.select().from(vendors).where(where).for("update"));
  return row ?? null;
}

/** A vendor that was written in this transaction, or replayed from an earlier one. */
export async function selectVendor(tx: Tx, id: string): Promise<VendorRow | null> {
  const [row] = await named("selectVendor", tx.select().from(vendors).where(eq(vendors.id, id)));
  return row ?? null;
}

export function selectVendorsSlice(
  tx: Tx,
  where: SQL | undefined,
  { orderBy, limit }: { orderBy: SQL[]; limit: number },
): Promise<VendorRow[]> {
  const query = tx
    .select()
    .from(vendors)
    .where(where)
    .orderBy(...orderBy)
    .limit(limit);
  return named("selectVendorsSlice", query);
}

export async function countVendors(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named(
    "countVendors",
    tx
      .select({ count: sql<number>`count(*)::int` })
      .from(vendors)
      .where(where),
  );
  return row?.count ?? 0;
}

/** @throws BadUserInput when the code is taken */
export async function insertVendor(tx: Tx, vendor: NewVendor): Promise<VendorRow> {
  try {
    const [row] = await named("insertVendor", tx.insert(vendors).values(vendor).returning());
    if (!row) throw new Error("The insert of a vendor returned no row.");
    return row;
  } catch (error) {
    throw codeTaken(error, vendor.code);
  }
}

/** Writes what changed and raises the version of a vendor that the caller has locked. @throws BadUserInput when the code is taken */
export async function updateVendorRow(tx: Tx, id: string, changes: VendorChanges): Promise<VendorRow> {
  const query = tx
    .update(vendors)
    .set({ ...changes, version: sql`${vendors.version} + 1`, updatedAt: sql`now()` })
    .where(eq(vendors.id, id))
    .returning();
  try {
    const [row] = await named("updateVendorRow", query);
    if (!row) throw new Error("A locked vendor was not there to be changed.");
    return row;
  } catch (error) {
    throw codeTaken(error, changes.code ?? "");
  }
}

const codeTaken = (error: unknown, code: string): Error =>
  mapDatabaseError(error, {
    vendors_code_key: () =>
      new BadUserInput([{ path: "input.code", message: `There is a vendor ${quote(code)} already; choose another code.` }]),
  });
