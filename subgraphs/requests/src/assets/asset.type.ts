import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, can, staff, ViewerDependent, ViewerIndependent } from "@weft/api/rules";
import { assigneeOf } from "@weft/api/subgraph";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
import { Principal, User, WorkflowInstance } from "../references.js";
import type { AssetRow } from "./asset.store.js";

export const AssetStatus = {
  OPERATIONAL: "OPERATIONAL",
  MAINTENANCE: "MAINTENANCE",
  OUT_OF_SERVICE: "OUT_OF_SERVICE",
  DECOMMISSIONED: "DECOMMISSIONED",
} as const;
export type AssetStatus = keyof typeof AssetStatus;

registerEnumType(AssetStatus, {
  name: "AssetStatus",
  description: "Operational status of an asset.",
  valuesConfig: {
    OPERATIONAL: { description: "In operation." },
    MAINTENANCE: { description: "Under maintenance." },
    OUT_OF_SERVICE: { description: "Out of order, and not under maintenance." },
    DECOMMISSIONED: { description: "Permanently removed." },
  },
});

const unknownType =
  "A key that no type has creates a type with this key, unless it resembles that of another type: it is then refused as a typing mistake, and you create the type with `createAssetType`.";
const forStaff = [Allow(staff), ViewerDependent()];

export const assetColumns = columns({
  ...standardColumns.id("ID (`ast_…`).", "The asset."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  buildingId: column.id("Building of the asset.", {
    shown: false,
    updated: "New building. Without `spaceId`, the asset then has no space.",
    converted: true,
  }),
  spaceId: column.id("Floor, room, or area of the building where the asset is.", {
    shown: false,
    updated: "New floor, room, or area of the building. Null removes it.",
    nullable: true,
    converted: true,
  }),
  tag: column.text("Tag on the asset, unique in the tenant.", { max: 40, updated: "New tag." }),
  name: column.text("Display name.", { max: 200, updated: "New name." }),
  type: column.text("Key of the type, for example `elevator`.", {
    max: 80,
    created: `Key of the type, for example \`elevator\` (1 to 80 characters). ${unknownType}`,
    updated: `Key of the new type. ${unknownType}`,
  }),
  status: column.of(() => AssetStatus, "Operational status.", {
    created: false,
    updated: "New status. Refused while a workflow sets the status.",
  }),
  workflow: column.of(
    () => WorkflowInstance,
    "Workflow of the asset's lifecycle, whose state sets the status. Null if there is none, if you cannot see it, or with an error if the workflows service is unavailable.",
    { created: false, updated: false, shownNullable: true },
  ),
  installedOn: column.text("Day of installation, as `YYYY-MM-DD`.", {
    nullable: true,
    shown: "Day of installation, as `YYYY-MM-DD`, if known.",
  }),
  fields: column.json<Record<string, unknown>>("Values of custom fields of the type, by name.", {
    optional: true,
    converted: true,
    shown: "Values of custom fields of the type, by name. Users of a vendor see only fields that are shown to vendors.",
    updated:
      "New values of custom fields, by name. Null removes a value. Omitted fields keep their values; after a change of the type, those that the new type has, too.",
  }),
  serialNumber: column.text("Serial number. Null if it is not known.", {
    max: 100,
    nullable: true,
    created: "Serial number (at most 100 characters). Types can require that it is unique.",
    updated: "Serial number (at most 100 characters). Null removes it. Types can require that it is unique.",
  }),
  manufacturer: column.text("Manufacturer. Null if it is not known.", {
    max: 200,
    nullable: true,
    created: "Manufacturer (at most 200 characters).",
    updated: "Manufacturer (at most 200 characters). Null removes it.",
  }),
  model: column.text("Model. Null if it is not known.", {
    max: 200,
    nullable: true,
    created: "Model (at most 200 characters).",
    updated: "Model (at most 200 characters). Null removes it.",
  }),
  ownerId: column.id("Owner: a user, a team, or a vendor.", {
    shown: false,
    updated: "Owner: a user, a team, or a vendor. Null removes it.",
    nullable: true,
    converted: true,
  }),
  custodianId: column.id("User who is in charge of the asset.", {
    shown: false,
    updated: "User who is in charge of the asset. Null removes it.",
    nullable: true,
    converted: true,
  }),
  purchasedOn: column.text("Day of purchase, as `YYYY-MM-DD`.", {
    nullable: true,
    shown: "Day of purchase, as `YYYY-MM-DD`. Only for users of the organization.",
    updated: "Day of purchase, as `YYYY-MM-DD`. Null removes it.",
    decorators: forStaff,
  }),
  purchaseCost: column.text(
    "Purchase price: decimal as text with at most two decimal places, for example `12500.00`. Requires a currency.",
    {
      nullable: true,
      shown: "Purchase price: decimal as text in `purchaseCurrency`, for example `12500.00`. Only for users of the organization.",
      updated:
        "Purchase price: decimal as text with at most two decimal places, for example `12500.00`. Requires a currency. Null removes it.",
      decorators: forStaff,
    },
  ),
  purchaseCurrency: column.text("ISO 4217 code, for example `EUR`. Requires a purchase price.", {
    nullable: true,
    shown: "ISO 4217 code of the purchase price. Only for users of the organization.",
    updated: "ISO 4217 code, for example `EUR`. Requires a purchase price. Null removes it.",
    decorators: forStaff,
  }),
  warrantyUntil: column.text("Last day of the warranty, as `YYYY-MM-DD`.", {
    nullable: true,
    shown: "Last day of the warranty, as `YYYY-MM-DD`. Null if there is none.",
    shownBefore: "purchasedOn",
    updated: "Last day of the warranty, as `YYYY-MM-DD`. Null removes it.",
  }),
  inspectionDueOn: column.text("Day of the next inspection, as `YYYY-MM-DD`.", {
    nullable: true,
    shown: "Day of the next inspection, as `YYYY-MM-DD`. Null if none is planned.",
    shownBefore: "purchasedOn",
    updated: "Day of the next inspection, as `YYYY-MM-DD`. Null removes it.",
  }),
  parentId: column.id("Asset that this one is part of, at most ten levels deep.", {
    shown: false,
    updated: "Asset that this one is part of, at most ten levels deep. Null removes it.",
    nullable: true,
    converted: true,
  }),
  ...column.shownOnly({
    owner: column.of(() => Principal, "Owner. Null if there is none, or if you cannot see the owner. Only for users of the organization.", {
      shownNullable: true,
      decorators: forStaff,
    }),
    custodian: column.of(
      () => User,
      "User who is in charge of the asset. Null if there is none, or if you cannot see the user. Only for users of the organization.",
      { shownNullable: true, decorators: forStaff },
    ),
  }),
  ...standardColumns.externalId("assets"),
  ...standardColumns.idempotencyKey,
  ...standardColumns.version("updateAsset"),
  ...standardColumns.times,
});

@ShowColumns(assetColumns)
@ObjectType({ description: "Equipment in a building that needs maintenance, such as an elevator or a boiler." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("asset.read"))
@ViewerIndependent("asset.read")
export class Asset extends shapeOf(assetColumns) {
  /** UUIDs, for loaders. */
  uuid!: string;
  buildingId!: string;
  spaceId!: string | null;
  parentId!: string | null;
  /** The time as of which it was read (ISO 8601), for what it refers to. Null: now. */
  asOf: string | null = null;
}

export const CreateAssetInput = createInputOf("CreateAssetInput", assetColumns);
export type CreateAssetInput = InstanceType<typeof CreateAssetInput>;

export const UpdateAssetInput = updateInputOf("UpdateAssetInput", assetColumns);
export type UpdateAssetInput = InstanceType<typeof UpdateAssetInput>;

/** Converts a row to its API type. */
export function toAsset(row: AssetRow): Asset {
  const id = encodeId("asset", row.id);
  const { ownerUserId: assigneeUserId, ownerTeamId: assigneeTeamId, ownerVendorId: assigneeVendorId } = row;
  return Object.assign(new Asset(), row, {
    id,
    nodeKey: id,
    uuid: row.id,
    status: row.status as AssetStatus,
    workflow: row.instanceId === null ? null : WorkflowInstance.of(row.instanceId),
    owner: assigneeOf({ assigneeUserId, assigneeTeamId, assigneeVendorId }),
    custodian: row.custodianId === null ? null : User.of(row.custodianId),
  });
}

export const AssetPayload = payloadOf(Asset, "asset");
export type AssetPayload = InstanceType<typeof AssetPayload>;
