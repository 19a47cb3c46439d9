import { apiSchemaOf, rootFieldsTagged, variantOf } from "@weft/gateway";
import { builtInRoles } from "@weft/identity";
import { vendorPortalTag } from "@weft/api/rules";
import type { Subgraph } from "@weft/api/subgraph";
import { viewerWith } from "../role-viewer.js";

/**
 * Returns the part of the API for applications of vendors, as a schema of its own: the variant with the root fields that `@VendorPortal` declares, without
 * the fields that the rules refuse to users of vendors.
 * @throws if a declared root field is refused to users of vendors, or what remains is no valid schema
 */
export function vendorPortalOf(supergraphSdl: string, subgraphs: readonly Subgraph[]): string {
  const refused = refusedFields(subgraphs);
  const wrong = [...rootFieldsTagged(supergraphSdl, vendorPortalTag)].filter((field) => refused.has(field));
  if (wrong.length > 0) throw new Error(`The rules refuse fields of the vendor portal to users of vendors: ${wrong.join(", ")}.`);
  return variantOf({ supergraphSdl, api: apiSchemaOf(supergraphSdl), include: [vendorPortalTag], exclude: [], without: refused });
}

/** Returns the fields that no user of a vendor can read, whatever the object, by `Type.field`. */
export function refusedFields(subgraphs: readonly Subgraph[]): ReadonlySet<string> {
  const viewer = viewerWith(builtInRoles.vendor_user);
  const rows = subgraphs.flatMap(({ rules }) => rules);
  const refused = rows.filter(({ rule }) => rule.kind === "viewer" && rule.decide(viewer) !== true);
  return new Set(refused.map(({ type, field }) => `${type}.${field}`));
}
