import { openImages } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { erased, type PersonKeyring } from "@weft/platform/privacy";
import { findRemovedContact } from "../removed-contact.store.js";

/** Returns the names and addresses that a contact of a vendor had when it was removed. Empty if it was not, or was erased. */
export async function formerValuesOf(
  tx: Tx,
  keyring: PersonKeyring,
  { tenantId, personId }: { readonly tenantId: string; readonly personId: string },
): Promise<string[]> {
  const removed = await findRemovedContact(tx, personId);
  if (removed === null) return [];
  const [image] = await openImages(tx, keyring, tenantId, [{ type: "vendorContact", image: removed.image }]);
  const { name, email, phone } = image ?? {};
  return [name, email, phone].filter((value): value is string => typeof value === "string" && value !== erased);
}
