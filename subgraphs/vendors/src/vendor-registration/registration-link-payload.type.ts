import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { VendorRegistrationLink } from "./registration-link.type.js";

@ObjectType({ description: "Payload of a mutation that returns a vendor registration link." })
@Allow(inherit)
export class VendorRegistrationLinkPayload {
  @Field(() => VendorRegistrationLink, { description: "The vendor registration link as it is after the call." })
  link!: VendorRegistrationLink;
}
