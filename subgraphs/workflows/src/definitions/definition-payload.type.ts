import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Definition } from "./definition.type.js";

@ObjectType({ description: "Payload of a mutation that returns a definition." })
@Allow(inherit)
export class DefinitionPayload {
  @Field(() => Definition, { description: "The definition as it is after the call." })
  definition!: Definition;
}
