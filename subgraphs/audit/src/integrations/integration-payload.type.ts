import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Integration } from "./integration.type.js";

@ObjectType({ description: "Payload of a mutation that returns an integration." })
@Allow(inherit)
export class IntegrationPayload {
  @Field(() => Integration, { description: "The integration as it is after the call." })
  integration!: Integration;
}
