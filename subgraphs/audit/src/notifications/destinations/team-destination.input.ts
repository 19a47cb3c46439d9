import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { ChatDestinationInput } from "./destination.input.js";
import { ChatFormat } from "./destination.type.js";
import { TeamNotificationDestination } from "./team-destination.type.js";

@InputType({ description: "The chat of a team to add." })
export class AddTeamNotificationDestinationInput {
  @Field(() => ID, { description: "ID of the team (`tem_…`)." })
  teamId!: string;

  @Field(() => String, { description: "Name by which you recognize it, for example that of the channel (at most 100 characters)." })
  name!: string;

  @Field(() => ChatDestinationInput, { description: "Its incoming webhook." })
  chat!: ChatDestinationInput;
}

@InputType({ description: "Changes to a chat of a team. Omitted fields stay unchanged." })
export class UpdateTeamNotificationDestinationInput {
  @Field(() => ID, { description: "ID of the chat (`nds_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Name (at most 100 characters)." })
  name?: string | null;

  @Field(() => ChatFormat, { nullable: true, description: "Form of the messages." })
  format?: ChatFormat | null;

  @Field(() => String, {
    nullable: true,
    description: "URL of the incoming webhook, for example a new one of the same channel. A disabled chat is activated by it.",
  })
  url?: string | null;
}

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
