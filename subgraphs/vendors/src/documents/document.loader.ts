import { type Context, referencesThrough, type RowLoader, rowLoader } from "@weft/api/context";
import type { ReferenceLoader } from "@weft/api/subgraph";
import { findDocuments } from "./document.store.js";
import { type MissingVendorDocument, toDocument, toMissingDocument, type VendorDocument } from "./document.type.js";
import { findMissingDocuments } from "./missing-documents.store.js";

export const documentLoader: RowLoader<VendorDocument> = rowLoader("vendors.document", findDocuments, toDocument);

export const documentReferences: ReferenceLoader = referencesThrough(documentLoader);

/** Loads the required documents that a vendor lacks. One statement for all vendors of the response. */
export async function loadMissingDocuments(ctx: Context, vendorId: string): Promise<readonly MissingVendorDocument[]> {
  const loader = ctx.loader<string, readonly MissingVendorDocument[]>("vendors.missingDocuments", async (tx, ids) => {
    const byVendor = Map.groupBy(await findMissingDocuments(tx, ids), (row) => row.vendorId);
    return new Map([...byVendor].map(([id, rows]) => [id, rows.map(toMissingDocument)]));
  });
  return (await loader.load(vendorId)) ?? [];
}
