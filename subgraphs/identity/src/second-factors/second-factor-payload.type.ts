import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { SecondFactors } from "./second-factor.type.js";

@ObjectType({ description: "Payload of a mutation that returns the second factors of a user." })
@Allow(inherit)
export class SecondFactorsPayload {
  @Field(() => SecondFactors, { description: "The second factors as they are after the call." })
  secondFactors!: SecondFactors;
}
