import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { DefinitionShare } from "./share.type.js";

@ObjectType({ description: "Payload of a mutation that returns a definition share." })
@Allow(inherit)
export class DefinitionSharePayload {
  @Field(() => DefinitionShare, { description: "The definition share as it is after the call." })
  share!: DefinitionShare;
}
