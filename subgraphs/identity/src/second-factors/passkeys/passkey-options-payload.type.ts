import { Allow, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { Field, ObjectType } from "type-graphql";

@ObjectType({ description: "Payload of a mutation that begins a passkey ceremony." })
@Allow(inherit)
export class PasskeyOptionsPayload {
  @Field(() => JsonScalar, {
    description: "Options of `navigator.credentials.create`: `{ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }`.",
  })
  options!: unknown;
}
