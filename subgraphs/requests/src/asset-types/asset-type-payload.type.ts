import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { AssetType } from "./asset-type.type.js";

@ObjectType({ description: "Payload of a mutation that returns an asset type." })
@Allow(inherit)
export class AssetTypePayload {
  @Field(() => AssetType, { description: "The asset type as it is after the call." })
  assetType!: AssetType;
}
