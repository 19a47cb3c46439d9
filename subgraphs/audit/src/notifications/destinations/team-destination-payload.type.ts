import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { TeamNotificationDestination } from "./team-destination.type.js";

@ObjectType({ description: "Payload of a mutation that returns a team notification destination." })
@Allow(inherit)
export class TeamNotificationDestinationPayload {
  @Field(() => TeamNotificationDestination, { description: "The team notification destination as it is after the call." })
  destination!: TeamNotificationDestination;
}
