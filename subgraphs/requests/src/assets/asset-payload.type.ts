import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Asset } from "./asset.type.js";

@ObjectType({ description: "Payload of a mutation that returns an asset." })
@Allow(inherit)
export class AssetPayload {
  @Field(() => Asset, { description: "The asset as it is after the call." })
  asset!: Asset;
}
