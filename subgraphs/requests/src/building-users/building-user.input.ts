import { Field, ID, InputType, Int } from "type-graphql";

const expectedVersion = "Version of the building that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `assignBuildingUsers` and `unassignBuildingUsers`." })
export class BuildingUsersInput {
  @Field(() => ID, { description: "The building." })
  buildingId!: string;

  @Field(() => [ID], { description: "Users of the organization (1 to 100). Those who are assigned already stay so." })
  userIds!: string[];

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}
