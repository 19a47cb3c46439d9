import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { ParkedEvent } from "./parked-event.type.js";

@InputType({ description: "Input for retrying parked events." })
export class RetryParkedEventsInput {
  @Field(() => [ID], { description: "IDs of the parked events (`pke_…`), 1 to 100." })
  ids!: string[];
}

@InputType({ description: "Input for skipping parked events." })
export class SkipParkedEventsInput {
  @Field(() => [ID], { description: "IDs of the parked events (`pke_…`), 1 to 100." })
  ids!: string[];
}

@ObjectType({ description: "Payload of retrying parked events." })
@Allow(inherit)
export class RetryParkedEventsPayload {
  @Field(() => [ParkedEvent], { description: "The parked events, in the order of the IDs. They are handled soon." })
  parkedEvents!: ParkedEvent[];
}

@ObjectType({ description: "Payload of skipping parked events." })
@Allow(inherit)
export class SkipParkedEventsPayload {
  @Field(() => [ParkedEvent], { description: "The skipped events, in the order of the IDs." })
  parkedEvents!: ParkedEvent[];
}
