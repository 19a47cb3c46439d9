import { Field, ID, InputType, Int } from "type-graphql";

const expectedVersion = "Version of the building that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `setBuildingContact`." })
export class SetBuildingContactInput {
  @Field(() => ID, { description: "The building." })
  buildingId!: string;

  @Field(() => ID, { description: "A user or a team." })
  principalId!: string;

  @Field(() => String, { description: "What they are in charge of, for example `Caretaker` (1 to 100 characters)." })
  role!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `removeBuildingContact`." })
export class RemoveBuildingContactInput {
  @Field(() => ID, { description: "The building." })
  buildingId!: string;

  @Field(() => ID, { description: "A user or a team." })
  principalId!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}
