import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Team } from "./team.type.js";

@ObjectType({ description: "Payload of a mutation that returns a team." })
@Allow(inherit)
export class TeamPayload {
  @Field(() => Team, { description: "The team as it is after the call." })
  team!: Team;
}
