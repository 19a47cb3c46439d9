import { requests, vendors as tables } from "@weft/drizzle";
import { visibleObjectsByIndex } from "@weft/platform/access";
import { customFieldsFilter } from "@weft/api/custom-fields";
import { externalIdField } from "@weft/api/external-ids";
import { enumField, type FilterField, filterInput, idField, searchField, textField, timeField, wordIn } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { and, eq, or, sql } from "drizzle-orm";
import { isRegionOfBuilding, regionKey } from "../vendor-service-areas/region.js";
import type { VendorRow } from "./vendor.store.js";
import { VendorStatus } from "./vendor.type.js";

const { vendorServiceAreas, vendors } = tables;
const { buildings } = requests;

/** Matches if one of the vendor's categories meets the condition. */
const category = textField(sql`category`, "One of the vendor's categories.");
const ofACategory: FilterField = {
  ...category,
  condition: (operator, operand, path) =>
    sql`exists (select 1 from unnest(${vendors.categories}) as category where ${category.condition(operator, operand, path)})`,
};

const ofVendor = and(eq(vendorServiceAreas.tenantId, vendors.tenantId), eq(vendorServiceAreas.vendorId, vendors.id));

/** Matches if one of the regions in which the vendor works meets the condition. */
const region = textField(vendorServiceAreas.regionKey, "One of the regions in which the vendor works, in upper or lower case.");
const worksInRegion: FilterField = {
  ...region,
  condition: (operator, operand, path) => {
    const key = Array.isArray(operand) ? operand.map((each) => regionKey(String(each))) : regionKey(String(operand));
    const condition = region.condition(operator, operator === "isNull" ? operand : key, path);
    return sql`exists (select from ${vendorServiceAreas} where ${and(ofVendor, condition)})`;
  },
};

/** Matches if the vendor works in the building or its region. Buildings that the viewer cannot see match nothing. */
const building = idField("building", buildings.id, "A building in which the vendor works, or in whose region.");
const worksInBuilding: FilterField = {
  ...building,
  condition: (operator, operand, path, by) => {
    if (by === undefined) throw new Error(`${path}: toSql requires the viewer`);
    const serves = or(eq(vendorServiceAreas.buildingId, buildings.id), isRegionOfBuilding);
    const condition = and(building.condition(operator, operand, path), visibleObjectsByIndex("building", by.viewer, "building.read"));
    return sql`exists (select from ${vendorServiceAreas} join ${buildings} on ${and(eq(buildings.tenantId, vendorServiceAreas.tenantId), serves)}
      where ${and(ofVendor, condition)})`;
  },
};

export const VendorFilter = filterInput("VendorFilter", {
  status: enumField("VendorStatus", VendorStatus, vendors.status, "Whether work can be assigned to the vendor."),
  code: textField(vendors.code, "Code."),
  name: textField(vendors.name, "Name."),
  category: ofACategory,
  region: worksInRegion,
  building: worksInBuilding,
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
