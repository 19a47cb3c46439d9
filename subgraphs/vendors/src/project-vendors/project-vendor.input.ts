import { ArgsType, Field, ID, InputType, Int } from "type-graphql";

const expectedVersion = "Version of the project that you last read. The call fails with `CONFLICT` if the current version differs.";

@ArgsType()
export class ProjectVendorsArgs {
  @Field(() => Boolean, { defaultValue: false, description: "Whether vendors are included that no longer take part, and earlier roles." })
  includeEnded!: boolean;
}

@InputType({ description: "Input of `assignProjectVendor`." })
export class AssignProjectVendorInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => ID, { description: "An active vendor, or one that takes part already and gets another role." })
  vendorId!: string;

  @Field(() => String, { description: "Role in the project (1 to 100 characters), for example `Electrical work`." })
  role!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `unassignProjectVendor`." })
export class UnassignProjectVendorInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => ID, { description: "A vendor of the project." })
  vendorId!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}
