import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Building } from "./building.type.js";

@ObjectType({ description: "Payload of a mutation that returns a building." })
@Allow(inherit)
export class BuildingPayload {
  @Field(() => Building, { description: "The building as it is after the call." })
  building!: Building;
}
