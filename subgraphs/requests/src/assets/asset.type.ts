import { Allow, can, DateTimeScalar, encodeId, inherit, ViewerIndependent } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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
export class Asset {
  @Field(() => ID, { description: "ID (`ast_…`)." })
  @Allow(inherit)
  @ViewerIndependent("asset.read")
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  @ViewerIndependent("asset.read")
  nodeKey!: string;

  @Field(() => String, { description: "Tag on the asset, unique in the tenant." })
  @ViewerIndependent("asset.read")
  tag!: string;

  @Field(() => String, { description: "Display name." })
  @ViewerIndependent("asset.read")
  name!: string;

  @Field(() => String, { description: "Type in the tenant's own words, for example `elevator`." })
  @ViewerIndependent("asset.read")
  type!: string;

  @Field(() => AssetStatus, { description: "Operational status." })
  @ViewerIndependent("asset.read")
  status!: AssetStatus;

  @Field(() => String, { nullable: true, description: "Day of installation, as `YYYY-MM-DD`, if known." })
  @ViewerIndependent("asset.read")
  installedOn!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateAsset` as `expectedVersion`." })
  @ViewerIndependent("asset.read")
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  @ViewerIndependent("asset.read")
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  @ViewerIndependent("asset.read")
  updatedAt!: string;

  /** UUIDs, for loaders. */
  uuid!: string;
  buildingId!: string;
}

/** Converts a row to its API type. */
export function toAsset(row: AssetRow): Asset {
  const id = encodeId("asset", row.id);
  return Object.assign(new Asset(), row, { id, nodeKey: id, uuid: row.id, status: row.status as AssetStatus });
}
