import { requests as tables } from "@weft/drizzle";
import { Forbidden } from "@weft/shared/errors";
import { customFieldsFilter } from "@weft/api/custom-fields";
import { externalIdField } from "@weft/api/external-ids";
import {
  anyIdField,
  dateField,
  enumField,
  type FilterField,
  filterInput,
  idField,
  numberField,
  onlyWith,
  textField,
  timeField,
  wordsField,
} from "@weft/api/filters";
import { connectionOf, orderByInput } from "@weft/api/pages";
import { containsWords, partsField } from "@weft/api/search";
import type { AssetRow } from "./asset.store.js";
import { Asset, AssetStatus } from "./asset.type.js";

const { assets } = tables;

export const { Connection: AssetConnection } = connectionOf(Asset, "Asset");

/** Conditions on a field that only users of the organization see. */
const forStaff = (field: FilterField): FilterField => ({
  ...field,
  condition: (operator, operand, path, by) => {
    if (by === undefined || by.viewer.vendorId !== null) throw new Forbidden(`${path} is only for users of the organization.`);
    return field.condition(operator, operand, path, by);
  },
});

const searched = { objectType: "asset", id: assets.id, permission: "asset.read", columns: { buildingId: assets.buildingId } } as const;
const ownerColumns = { user: assets.ownerUserId, team: assets.ownerTeamId, vendor: assets.ownerVendorId };

export const AssetFilter = filterInput("AssetFilter", {
  search: wordsField((words, by) => {
    if (!by) throw new Error("search: toSql requires the viewer");
    return containsWords(searched, words, by);
  }, "Full-text search in the tag, the name, the type, the serial number, the manufacturer, and the model. Each word, its beginning, or another grammatical form of it must occur."),
  tag: partsField("assetTag", assets.id, assets.tag),
  name: textField(assets.name),
  type: textField(assets.type, "Key of the type."),
  status: enumField("AssetStatus", AssetStatus, assets.status),
  building: onlyWith("building.read", idField("building", assets.buildingId)),
  space: onlyWith("building.read", idField("space", assets.spaceId, "Floor, room, or area where the asset is.")),
  parent: idField("asset", assets.parentId, "Asset that the asset is part of."),
  serialNumber: partsField("assetSerialNumber", assets.id, assets.serialNumber),
  manufacturer: textField(assets.manufacturer),
  model: textField(assets.model),
  installedOn: dateField(assets.installedOn),
  warrantyUntil: dateField(assets.warrantyUntil, "Last day of the warranty."),
  inspectionDueOn: dateField(assets.inspectionDueOn, "Day of the next inspection."),
  purchasedOn: forStaff(dateField(assets.purchasedOn, "Only for users of the organization.")),
  purchaseCost: forStaff(numberField(assets.purchaseCost, "Purchase price, in whatever currency. Only for users of the organization.")),
  purchaseCurrency: forStaff(textField(assets.purchaseCurrency, "Only for users of the organization.")),
  owner: forStaff(anyIdField(ownerColumns, "A user, a team, or a vendor. Only for users of the organization.")),
  custodian: forStaff(idField("user", assets.custodianId, "Only for users of the organization.")),
  externalId: externalIdField("ASSETS", assets.id),
  createdAt: timeField(assets.createdAt),
  updatedAt: timeField(assets.updatedAt),
  fields: customFieldsFilter("ASSET", assets.id),
});

export const AssetOrder = orderByInput<AssetRow, "TAG" | "NAME" | "TYPE" | "STATUS" | "CREATED_AT" | "UPDATED_AT">(
  "AssetOrder",
  {
    TAG: { column: assets.tag, valueOf: (row) => row.tag },
    NAME: { column: assets.name, valueOf: (row) => row.name },
    // Within a type or status as their indexes have them. Otherwise, each page would sort all assets.
    TYPE: {
      column: assets.type,
      valueOf: (row) => row.type,
      thenBy: { column: assets.createdAt, valueOf: (row) => row.createdAt },
    },
    STATUS: { column: assets.status, valueOf: (row) => row.status, thenBy: { column: assets.tag, valueOf: (row) => row.tag } },
    CREATED_AT: { column: assets.createdAt, valueOf: (row) => row.createdAt },
    UPDATED_AT: { column: assets.updatedAt, valueOf: (row) => row.updatedAt },
  },
  { customFields: true },
);

export const assetId = { column: assets.id, valueOf: (row: AssetRow) => row.id };
