import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { VendorContact } from "./vendor-contact.type.js";

@ObjectType({ description: "Payload of a mutation that returns a vendor contact." })
@Allow(inherit)
export class VendorContactPayload {
  @Field(() => VendorContact, { description: "The vendor contact as it is after the call." })
  contact!: VendorContact;
}
