import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Building, BuildingStatus } from "./building.type.js";

@InputType({ description: "What `createBuilding` takes." })
export class CreateBuildingInput {
  @Field(() => String, { description: "Short code, unique in the tenant; 1 to 40 characters." })
  code!: string;

  @Field(() => String, { description: "What people call it; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Postal address, at most 500 characters." })
  address!: string;

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What `updateBuilding` takes: what is absent stays." })
export class UpdateBuildingInput {
  @Field(() => ID, { description: "The building." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The version that you saw; CONFLICT when it moved on." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New code." })
  code?: string | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New address." })
  address?: string | null;

  @Field(() => BuildingStatus, { nullable: true, description: "New status." })
  status?: BuildingStatus | null;
}

@ObjectType({ description: "What `createBuilding` answers." })
@Allow(inherit)
export class CreateBuildingPayload {
  @Field(() => Building, { description: "The new building." })
  building!: Building;
}

@ObjectType({ description: "What `updateBuilding` answers." })
@Allow(inherit)
export class UpdateBuildingPayload {
  @Field(() => Building, { description: "The building as it is now." })
  building!: Building;
}
