import {
  Allow,
  assigneeOf,
  can,
  DateTimeScalar,
  encodeId,
  inherit,
  JsonScalar,
  staff,
  ViewerDependent,
  ViewerIndependent,
  payloadOf,
} from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "Equipment in a building that needs maintenance, such as an elevator or a boiler." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("asset.read"))
@ViewerIndependent("asset.read")
export class Asset {
  @Field(() => ID, { description: "ID (`ast_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Tag on the asset, unique in the tenant." })
  tag!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => String, { description: "Key of the type, for example `elevator`." })
  type!: string;

  @Field(() => AssetStatus, { description: "Operational status." })
  status!: AssetStatus;

  @Field(() => WorkflowInstance, {
    nullable: true,
    description:
      "Workflow of the asset's lifecycle, whose state sets the status. Null if there is none, if you cannot see it, or with an error if the workflows service is unavailable.",
  })
  workflow!: WorkflowInstance | null;

  @Field(() => String, { nullable: true, description: "Day of installation, as `YYYY-MM-DD`, if known." })
  installedOn!: string | null;

  @Field(() => JsonScalar, {
    description: "Values of custom fields of the type, by name. Users of a vendor see only fields that are shown to vendors.",
  })
  fields!: Record<string, unknown>;

  @Field(() => String, { nullable: true, description: "Serial number. Null if it is not known." })
  serialNumber!: string | null;

  @Field(() => String, { nullable: true, description: "Manufacturer. Null if it is not known." })
  manufacturer!: string | null;

  @Field(() => String, { nullable: true, description: "Model. Null if it is not known." })
  model!: string | null;

  @Field(() => String, { nullable: true, description: "Last day of the warranty, as `YYYY-MM-DD`. Null if there is none." })
  warrantyUntil!: string | null;

  @Field(() => String, { nullable: true, description: "Day of the next inspection, as `YYYY-MM-DD`. Null if none is planned." })
  inspectionDueOn!: string | null;

  @Field(() => String, { nullable: true, description: "Day of purchase, as `YYYY-MM-DD`. Only for users of the organization." })
  @Allow(staff)
  @ViewerDependent()
  purchasedOn!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Purchase price: decimal as text in `purchaseCurrency`, for example `12500.00`. Only for users of the organization.",
  })
  @Allow(staff)
  @ViewerDependent()
  purchaseCost!: string | null;

  @Field(() => String, { nullable: true, description: "ISO 4217 code of the purchase price. Only for users of the organization." })
  @Allow(staff)
  @ViewerDependent()
  purchaseCurrency!: string | null;

  @Field(() => Principal, {
    nullable: true,
    description: "Owner. Null if there is none, or if you cannot see the owner. Only for users of the organization.",
  })
  @Allow(staff)
  @ViewerDependent()
  owner!: typeof Principal | null;

  @Field(() => User, {
    nullable: true,
    description:
      "User who is in charge of the asset. Null if there is none, or if you cannot see the user. Only for users of the organization.",
  })
  @Allow(staff)
  @ViewerDependent()
  custodian!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateAsset` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUIDs, for loaders. */
  uuid!: string;
  buildingId!: string;
  spaceId!: string | null;
  parentId!: string | null;
  /** The time as of which it was read (ISO 8601), for what it refers to. Null: now. */
  asOf: string | null = null;
}

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
