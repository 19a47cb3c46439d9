import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, InputType, Int, ObjectType } from "type-graphql";

@InputType({ description: "Input for marking all your notifications as read." })
export class MarkAllNotificationsReadInput {
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Only notifications of events up to this time. Specify the time of the newest one that you have shown.",
  })
  until?: string | null;
}

@ObjectType({ description: "Payload of marking all your notifications as read." })
@Allow(inherit)
export class MarkAllNotificationsReadPayload {
  @Field(() => Int, { description: "Number of notifications that were unread." })
  readCount!: number;
}
