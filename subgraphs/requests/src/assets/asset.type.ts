import { Allow, can, DateTimeScalar, encodeId, inherit } from "@weft/shared";
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
  description: "Whether an asset does its work.",
  valuesConfig: {
    OPERATIONAL: { description: "It works." },
    MAINTENANCE: { description: "It is being worked on." },
    OUT_OF_SERVICE: { description: "It does not work, and nobody is on it." },
    DECOMMISSIONED: { description: "It is gone for good." },
  },
});

@ObjectType({ description: "A thing in a building that needs care: an elevator, a boiler." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("asset.read"))
export class Asset {
  @Field(() => ID, { description: "TypeID, `ast_…`." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "The id, as the key that other subgraphs hang on." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "What is written on it; unique in the tenant." })
  tag!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => String, { description: "The tenant's own word for its kind: `elevator`." })
  type!: string;

  @Field(() => AssetStatus, { description: "Whether it does its work." })
  status!: AssetStatus;

  @Field(() => String, { nullable: true, description: "Day of installation, `YYYY-MM-DD`, where known." })
  installedOn!: string | null;

  @Field(() => Int, { description: "Grows with each change; `updateAsset` takes it as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it was last changed." })
  updatedAt!: string;

  /** UUIDs, for loaders. */
  uuid!: string;
  buildingId!: string;
}

/** The API's view of a row. */
export function toAsset(row: AssetRow): Asset {
  const id = encodeId("asset", row.id);
  return Object.assign(new Asset(), row, { id, nodeKey: id, uuid: row.id, status: row.status as AssetStatus });
}
