import { DateTimeScalar } from "@weft/shared";
import { Field, ID, InputType } from "type-graphql";

@InputType({ description: "The past events to replay." })
export class ReplayEventsInput {
  @Field(() => ID, { description: "ID of the webhook (`whk_…`)." })
  webhookId!: string;

  @Field(() => DateTimeScalar, {
    description:
      "Start of the period in which the events occurred. If deliveries have been deleted since the webhook was created, after the last of them: it is not known what the webhook received before. Also not before the events that were deleted because of `retention.eventDays`.",
  })
  from!: string;

  @Field(() => DateTimeScalar, { description: "End of the period, at most 92 days after its start." })
  to!: string;

  @Field(() => [String], {
    nullable: true,
    description: "Types of the events, at most 200. If null, all types that the webhook receives.",
  })
  types?: string[] | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
