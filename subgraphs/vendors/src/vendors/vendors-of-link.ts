import { vendors as tables } from "@weft/drizzle";
import { countRows } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { type ConnectionArgs, keysetPage, nestedRows, type Order, type Page } from "@weft/api/pages";
import { and, eq } from "drizzle-orm";
import { listVendorsOfLinks, type VendorRow, visibleVendors } from "./vendor.store.js";
import { toVendor, type Vendor } from "./vendor.type.js";

const { vendors } = tables;

const newestFirst: Order<VendorRow> = {
  name: "CREATED_AT",
  direction: "DESC",
  column: vendors.createdAt,
  valueOf: (row) => row.createdAt,
};

/** Returns a page of the vendors that registered with a link and that the viewer can see, newest first. */
export function vendorsOfLink(ctx: Context, linkId: string, args: ConnectionArgs): Promise<Page<Vendor>> {
  const where = and(eq(vendors.registrationLinkId, linkId), visibleVendors(ctx.viewer, "vendor.read"));
  return keysetPage<VendorRow, Vendor>(ctx, {
    args,
    list: `vendorRegistrationLink.vendors ${linkId}`,
    orderBy: newestFirst,
    id: { column: vendors.id, valueOf: (row) => row.id },
    fetch: (slice) =>
      nestedRows(ctx, {
        name: "vendorRegistrationLink.vendors",
        args,
        parentId: linkId,
        slice,
        select: (tx, ids) => listVendorsOfLinks(tx, ctx.viewer, ids, slice),
        parentOf: (row) => row.registrationLinkId,
      }),
    count: () => ctx.read((tx) => countRows(tx, { name: "countVendorsOfLink", table: vendors, where })),
    toNode: toVendor,
  });
}
