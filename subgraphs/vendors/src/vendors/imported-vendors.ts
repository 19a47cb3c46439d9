import { findFieldSchemaRow } from "@weft/engine";
import { ownerColumns } from "@weft/platform/custom-field-kinds";
import { type ImportedList, vendorImports } from "@weft/api/imports";
import type { CreateVendorInput, UpdateVendorInput } from "./vendor.type.js";
import { createVendor, updateVendor } from "./vendor.service.js";

/** Vendors as a list that can be imported. Imports themselves belong to the requests subgraph, and a worker joins the two. */
export const importedVendors: ImportedList = {
  type: "vendor",
  rule: vendorImports.rule,
  createInput: "CreateVendorInput",
  updateInput: "UpdateVendorInput",
  fixed: [],
  unique: ["code"],
  references: {},
  properties: async (tx) => {
    const row = await findFieldSchemaRow(tx, ownerColumns("VENDOR"));
    return (row?.schema as { properties?: Record<string, unknown> } | undefined)?.properties ?? {};
  },
  create: async (ctx, input) => (await createVendor(ctx, input as unknown as CreateVendorInput)).id,
  update: (ctx, input) => updateVendor(ctx, input as unknown as UpdateVendorInput),
};
