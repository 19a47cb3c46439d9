import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Vendor } from "./vendor.type.js";

@ObjectType({ description: "Payload of a mutation that returns a vendor." })
@Allow(inherit)
export class VendorPayload {
  @Field(() => Vendor, { description: "The vendor as it is after the call." })
  vendor!: Vendor;
}
