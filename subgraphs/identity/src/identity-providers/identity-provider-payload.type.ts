import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { IdentityProvider } from "./identity-provider.type.js";

@ObjectType({ description: "Payload of a mutation that returns an identity provider." })
@Allow(inherit)
export class IdentityProviderPayload {
  @Field(() => IdentityProvider, { description: "The identity provider as it is after the call." })
  identityProvider!: IdentityProvider;
}
