import { Allow, can, DateTimeScalar, encodeId, inherit, staff, ViewerDependent, ViewerIndependent, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "A type of assets, for example elevators." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("asset.read"))
@ViewerIndependent("asset.read")
export class AssetType {
  @Field(() => ID, { description: "ID (`aty_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Key, unique in the tenant. Input `type` of `createAsset`." })
  key!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Name of an icon, chosen by the tenant. Null if there is none." })
  icon!: string | null;

  @Field(() => Int, { description: "Position in lists. Types with lower positions come first." })
  position!: number;

  @Field(() => AssetTypeStatus, { description: "Whether new assets are possible." })
  status!: AssetTypeStatus;

  @Field(() => Boolean, { description: "Whether no two assets of the type have the same serial number." })
  hasUniqueSerialNumbers!: boolean;

  @Field(() => Int, { description: "Days before the end of a warranty at which the event `asset.warranty_ending` occurs." })
  warrantyNoticeDays!: number;

  @Field(() => Int, { description: "Days before an inspection at which the event `asset.inspection_due` occurs." })
  inspectionNoticeDays!: number;

  @Field(() => AssetLifecycle, { nullable: true, description: "Lifecycle of the assets. Only for users of the organization." })
  @Allow(staff)
  @ViewerDependent()
  lifecycle!: AssetLifecycle | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateAssetType` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUID, for loaders. */
  uuid!: string;
}

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
