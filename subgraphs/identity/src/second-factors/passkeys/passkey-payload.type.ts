import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Passkey } from "./passkey.type.js";

@ObjectType({ description: "Payload of a mutation that returns a passkey." })
@Allow(inherit)
export class PasskeyPayload {
  @Field(() => Passkey, { description: "The passkey as it is after the call." })
  passkey!: Passkey;
}
