import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { SecurityProfile } from "./security-profile.type.js";

@ObjectType({ description: "Payload of a mutation that returns a security profile." })
@Allow(inherit)
export class SecurityProfilePayload {
  @Field(() => SecurityProfile, { description: "The security profile as it is after the call." })
  securityProfile!: SecurityProfile;
}
