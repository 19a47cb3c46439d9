import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { VendorOffer } from "./offer.type.js";

@ObjectType({ description: "Payload of a mutation that returns a vendor offer." })
@Allow(inherit)
export class VendorOfferPayload {
  @Field(() => VendorOffer, { description: "The vendor offer as it is after the call." })
  offer!: VendorOffer;
}
