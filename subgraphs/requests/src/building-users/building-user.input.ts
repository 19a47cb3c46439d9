import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Building } from "../buildings/building.type.js";

const expectedVersion = "Version of the building that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `assignBuildingUsers`." })
export class AssignBuildingUsersInput {
  @Field(() => ID, { description: "The building." })
  buildingId!: string;

  @Field(() => [ID], { description: "Users of the organization (1 to 100). Those who are assigned already stay so." })
  userIds!: string[];

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `removeBuildingUsers`." })
export class RemoveBuildingUsersInput {
  @Field(() => ID, { description: "The building." })
  buildingId!: string;

  @Field(() => [ID], { description: "Users who are assigned to the building (1 to 100)." })
  userIds!: string[];

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `assignBuildingUsers`." })
@Allow(inherit)
export class AssignBuildingUsersPayload {
  @Field(() => Building, { description: "The building." })
  building!: Building;
}

@ObjectType({ description: "Payload of `removeBuildingUsers`." })
@Allow(inherit)
export class RemoveBuildingUsersPayload {
  @Field(() => Building, { description: "The building." })
  building!: Building;
}
