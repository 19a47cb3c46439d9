import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Vendor } from "../vendors/vendor.type.js";

@InputType({ description: "Input of `setVendorServiceAreas`." })
export class SetVendorServiceAreasInput {
  @Field(() => ID, { description: "The vendor." })
  id!: string;

  @Field(() => [String], {
    defaultValue: [],
    description: "All regions (at most 100, of 1 to 100 characters). Upper and lower case, and repeated spaces, make no difference.",
  })
  regions!: string[];

  @Field(() => [ID], { defaultValue: [], description: "All single buildings (at most 100). Those that you cannot see stay." })
  buildingIds!: string[];

  @Field(() => Int, {
    nullable: true,
    description: "Version of the vendor that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `setVendorServiceAreas`." })
@Allow(inherit)
export class SetVendorServiceAreasPayload {
  @Field(() => Vendor, { description: "The vendor." })
  vendor!: Vendor;
}
