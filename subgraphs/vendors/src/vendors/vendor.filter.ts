import { vendors as tables } from "@weft/drizzle";
import {
  customFieldsFilter,
  enumField,
  externalIdField,
  filterInput,
  orderByInput,
  searchField,
  textField,
  timeField,
  wordIn,
} from "@weft/shared";
import type { FilterField } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { VendorRow } from "./vendor.store.js";
import { VendorStatus } from "./vendor.type.js";

const { vendors } = tables;

/** Matches if one of the vendor's categories meets the condition. */
const category = textField(sql`category`, "One of the vendor's categories.");
const ofACategory: FilterField = {
  ...category,
  condition: (operator, operand, path) =>
    sql`exists (select 1 from unnest(${vendors.categories}) as category where ${category.condition(operator, operand, path)})`,
};

export const VendorFilter = filterInput("VendorFilter", {
  status: enumField("VendorStatus", VendorStatus, vendors.status, "Whether work can be assigned to the vendor."),
  code: textField(vendors.code, "Code."),
  name: textField(vendors.name, "Name."),
  category: ofACategory,
  search: searchField(
    wordIn(sql`concat_ws(' ', ${vendors.code}, ${vendors.name}, ${vendors.email})`),
    "Words in the code, the name, or the email address.",
  ),
  createdAt: timeField(vendors.createdAt, "Creation time."),
  externalId: externalIdField("VENDORS", vendors.id),
  fields: customFieldsFilter("VENDOR", vendors.id),
});

export const VendorOrder = orderByInput<VendorRow, "NAME" | "CREATED_AT">(
  "VendorOrder",
  {
    NAME: { column: vendors.name, valueOf: (row) => row.name, description: "By name." },
    CREATED_AT: { column: vendors.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
  },
  { customFields: true },
);
