import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Space } from "./space.type.js";

@ObjectType({ description: "Payload of a mutation that returns a space." })
@Allow(inherit)
export class SpacePayload {
  @Field(() => Space, { description: "The space as it is after the call." })
  space!: Space;
}
