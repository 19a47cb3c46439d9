import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { SharedStart } from "./use.type.js";

@ObjectType({ description: "Payload of a mutation that returns a shared start." })
@Allow(inherit)
export class SharedStartPayload {
  @Field(() => SharedStart, { description: "The shared start as it is after the call." })
  start!: SharedStart;
}
