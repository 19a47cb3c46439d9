import { Field, ID, InputType, Int } from "type-graphql";

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
