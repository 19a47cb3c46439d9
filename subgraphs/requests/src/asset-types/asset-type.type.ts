import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, can, inherit, staff, ViewerDependent, ViewerIndependent } from "@weft/api/rules";
import { Directive, Field, InputType, ObjectType, registerEnumType } from "type-graphql";
import { AssetStatus } from "../assets/asset.type.js";
import type { AssetTypeRow } from "./asset-type.store.js";

export const AssetTypeStatus = { ACTIVE: "ACTIVE", INACTIVE: "INACTIVE" } as const;
export type AssetTypeStatus = keyof typeof AssetTypeStatus;

registerEnumType(AssetTypeStatus, {
  name: "AssetTypeStatus",
  description: "Status of an asset type.",
  valuesConfig: {
    ACTIVE: { description: "New assets are possible." },
    INACTIVE: { description: "No new assets are possible. Existing assets stay." },
  },
});

@ObjectType({ description: "The status that assets have in a state of their lifecycle." })
@InputType("AssetLifecycleStatusInput", { description: "The status that assets have in a state of their lifecycle." })
@Allow(inherit)
export class AssetLifecycleStatus {
  @Field(() => String, { description: "State of the definition." })
  state!: string;

  @Field(() => AssetStatus, { description: "Status of the asset." })
  status!: AssetStatus;
}

@ObjectType({ description: "A lifecycle of assets: a workflow for each asset, whose state sets the asset's status." })
@Allow(inherit)
export class AssetLifecycle {
  @Field(() => String, { description: "Key of the definition." })
  definitionKey!: string;

  @Field(() => [AssetLifecycleStatus], { description: "Statuses by state, in the order of the states' names." })
  statuses!: AssetLifecycleStatus[];
}

@InputType({
  description: "A lifecycle of assets. Each new asset of the type gets a workflow, and the asset's status follows the workflow's state.",
})
export class AssetLifecycleInput {
  @Field(() => String, {
    description:
      "Key of a published definition. Workflows start with the asset's `tag`, `name` and `type` if its data has these properties.",
  })
  definitionKey!: string;

  @Field(() => [AssetLifecycleStatus], { description: "Statuses by state. In other states, an asset keeps its status." })
  statuses!: AssetLifecycleStatus[];
}

export const assetTypeColumns = columns({
  ...standardColumns.id("ID (`aty_…`).", "The asset type."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  key: column.text("Key, unique in the tenant. Input `type` of `createAsset`.", {
    max: 80,
    created:
      "Key, unique in the tenant: any text of 1 to 80 characters, usually words joined by underscores, such as `fire_safety`. It cannot be changed.",
    updated: false,
  }),
  name: column.text("Display name.", { max: 200, updated: "New display name." }),
  icon: column.text("Name of an icon, chosen by the tenant. Null if there is none.", {
    max: 100,
    nullable: true,
    created: "Name of an icon (at most 100 characters).",
    updated: "Name of an icon (at most 100 characters). Null removes it.",
  }),
  position: column.int("Position in lists. Types with lower positions come first.", { initial: 0, updated: "New position." }),
  status: column.of(() => AssetTypeStatus, "Whether new assets are possible.", { created: false, updated: false }),
  hasUniqueSerialNumbers: column.flag("Whether no two assets of the type can have the same serial number.", {
    initial: false,
    shown: "Whether no two assets of the type have the same serial number.",
    updated: "Whether no two assets of the type can have the same serial number. Refused while two of them have the same.",
  }),
  warrantyNoticeDays: column.int("Days before the end of a warranty at which the event `asset.warranty_ending` occurs.", {
    optional: true,
    converted: true,
    created: "Days before the end of a warranty at which the event `asset.warranty_ending` occurs (0 to 366, default 30).",
    updated:
      "Days before the end of a warranty at which the event `asset.warranty_ending` occurs (0 to 366). Dates that were announced are not announced again.",
  }),
  inspectionNoticeDays: column.int("Days before an inspection at which the event `asset.inspection_due` occurs.", {
    optional: true,
    converted: true,
    created: "Days before an inspection at which the event `asset.inspection_due` occurs (0 to 366, default 14).",
    updated:
      "Days before an inspection at which the event `asset.inspection_due` occurs (0 to 366). Dates that were announced are not announced again.",
  }),
  lifecycle: column.pair(
    () => AssetLifecycle,
    () => AssetLifecycleInput,
    "Lifecycle of the assets.",
    {
      nullable: true,
      converted: true,
      shown: "Lifecycle of the assets. Only for users of the organization.",
      updated:
        "Lifecycle of the assets. Null removes it. Statuses of assets whose workflow runs change at once. Existing assets get a workflow by `startAssetLifecycle`.",
      decorators: [Allow(staff), ViewerDependent()],
    },
  ),
  ...standardColumns.idempotencyKey,
  ...standardColumns.version("updateAssetType"),
  ...standardColumns.times,
});

@ShowColumns(assetTypeColumns)
@ObjectType({ description: "A type of assets, for example elevators." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("asset.read"))
@ViewerIndependent("asset.read")
export class AssetType extends shapeOf(assetTypeColumns) {
  /** UUID, for loaders. */
  uuid!: string;
}

export const CreateAssetTypeInput = createInputOf("CreateAssetTypeInput", assetTypeColumns);
export type CreateAssetTypeInput = InstanceType<typeof CreateAssetTypeInput>;

export const UpdateAssetTypeInput = updateInputOf("UpdateAssetTypeInput", assetTypeColumns);
export type UpdateAssetTypeInput = InstanceType<typeof UpdateAssetTypeInput>;

/** Converts a row to its API type. */
export function toAssetType(row: AssetTypeRow): AssetType {
  const id = encodeId("assetType", row.id);
  return Object.assign(new AssetType(), row, {
    id,
    nodeKey: id,
    uuid: row.id,
    status: row.status as AssetTypeStatus,
    lifecycle: toLifecycle(row),
  });
}

function toLifecycle({ lifecycleDefinitionKey: definitionKey, lifecycleStatuses }: AssetTypeRow): AssetLifecycle | null {
  if (definitionKey === null) return null;
  const statuses = Object.keys(lifecycleStatuses)
    .toSorted()
    .map((state) => ({ state, status: lifecycleStatuses[state] as AssetStatus }));
  return { definitionKey, statuses };
}

export const AssetTypePayload = payloadOf(AssetType, "assetType");
export type AssetTypePayload = InstanceType<typeof AssetTypePayload>;
