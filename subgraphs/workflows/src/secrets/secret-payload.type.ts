import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Secret } from "./secret.type.js";

@ObjectType({ description: "Payload of a mutation that returns a secret." })
@Allow(inherit)
export class SecretPayload {
  @Field(() => Secret, { description: "The secret as it is after the call." })
  secret!: Secret;
}
