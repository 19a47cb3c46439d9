import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { TeamNotificationDestination } from "./team-destination.type.js";

@ObjectType({ description: "Payload of `testTeamNotificationDestination`." })
@Allow(inherit)
export class TestTeamNotificationDestinationPayload {
  @Field(() => TeamNotificationDestination, { description: "The chat. It is disabled if it no longer exists." })
  destination!: TeamNotificationDestination;

  @Field(() => Boolean, { description: "Whether the chat has accepted the message." })
  isAccepted!: boolean;

  @Field(() => String, { nullable: true, description: "Why it has not accepted the message. Null if it has." })
  error!: string | null;
}
