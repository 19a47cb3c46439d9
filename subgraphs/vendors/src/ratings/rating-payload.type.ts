import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { VendorRating } from "./rating.type.js";

@ObjectType({ description: "Payload of a mutation that returns a vendor rating." })
@Allow(inherit)
export class VendorRatingPayload {
  @Field(() => VendorRating, { description: "The vendor rating as it is after the call." })
  rating!: VendorRating;
}
