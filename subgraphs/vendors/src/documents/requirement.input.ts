import { Field, InputType, Int } from "type-graphql";

@InputType({ description: "A kind of document that vendors must have." })
export class VendorDocumentRequirementInput {
  @Field(() => String, { description: "Kind (1 to 40 uppercase letters, digits, and underscores), for example `INSURANCE`." })
  kind!: string;

  @Field(() => [String], {
    defaultValue: [],
    description: "Categories of the vendors that must have it, in upper or lower case (at most 50). Default: all vendors.",
  })
  categories!: string[];

  @Field(() => [Int], {
    defaultValue: [30, 7, 1],
    description: "Days before the last day at which users are reminded (at most 10, each from 1 to 365).",
  })
  reminderDays!: number[];
}

@InputType({ description: "Input of `setVendorDocumentRequirements`. It replaces all requirements." })
export class SetVendorDocumentRequirementsInput {
  @Field(() => [VendorDocumentRequirementInput], { description: "Requirements (at most 50), one per kind." })
  requirements!: VendorDocumentRequirementInput[];

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read (0 if they were never set). The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
