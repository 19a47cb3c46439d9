import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Building, BuildingStatus } from "./building.type.js";

@InputType({ description: "Input of `createBuilding`." })
export class CreateBuildingInput {
  @Field(() => String, { description: "Short code, unique in the tenant (1 to 40 characters)." })
  code!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Postal address (at most 500 characters)." })
  address!: string;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateBuilding`. Omitted fields keep their values." })
export class UpdateBuildingInput {
  @Field(() => ID, { description: "The building." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
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

@ObjectType({ description: "Payload of `createBuilding`." })
@Allow(inherit)
export class CreateBuildingPayload {
  @Field(() => Building, { description: "The new building." })
  building!: Building;
}

@ObjectType({ description: "Payload of `updateBuilding`." })
@Allow(inherit)
export class UpdateBuildingPayload {
  @Field(() => Building, { description: "The building." })
  building!: Building;
}
