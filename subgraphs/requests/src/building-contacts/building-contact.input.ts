import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Building } from "../buildings/building.type.js";

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

@ObjectType({ description: "Payload of `setBuildingContact`." })
@Allow(inherit)
export class SetBuildingContactPayload {
  @Field(() => Building, { description: "The building." })
  building!: Building;
}

@ObjectType({ description: "Payload of `removeBuildingContact`." })
@Allow(inherit)
export class RemoveBuildingContactPayload {
  @Field(() => Building, { description: "The building." })
  building!: Building;
}
