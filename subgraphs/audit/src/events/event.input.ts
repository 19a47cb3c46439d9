import { Allow, inherit, JsonScalar } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";

@InputType({ description: "Input for publishing a custom event." })
export class PublishEventInput {
  @Field(() => String, { description: "Name of a declared type, for example `custom.order.paid`." })
  type!: string;

  @Field(() => JsonScalar, {
    description: "Facts of the event, which must match the `payloadSchema` of the type. Refer to people by their IDs, not by their names.",
  })
  payload!: unknown;

  @Field(() => ID, {
    nullable: true,
    description:
      "Object that the event is about, and that you can see: a request, a workflow instance, a task, a project, a building, an asset, a vendor or a contract. If null, the event is about its type.",
  })
  subjectId?: string | null;

  @Field(() => String, { nullable: true, description: "Repeating the call with the same key publishes nothing further." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of publishing an event." })
@Allow(inherit)
export class PublishEventPayload {
  @Field(() => ID, { description: "ID of the published event (`evt_…`)." })
  eventId!: string;
}
