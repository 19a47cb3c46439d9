import { column, columns, createInputOf } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, ObjectType } from "type-graphql";

export const PublishEventInput = createInputOf(
  "PublishEventInput",
  columns({
    type: column.text("Name of a declared type, for example `custom.order.paid`."),
    payload: column.json(
      "Facts of the event, which must match the `payloadSchema` of the type. Refer to people by their IDs, not by their names.",
    ),
    subjectId: column.id(
      "Object that the event is about, and that you can see: a request, a workflow instance, a task, a project, a building, an asset, a vendor or a contract. If null, the event is about its type.",
      { nullable: true },
    ),
    idempotencyKey: column.text("Repeating the call with the same key publishes nothing further.", { nullable: true }),
  }),
  "Input for publishing a custom event.",
);
export type PublishEventInput = InstanceType<typeof PublishEventInput>;

@ObjectType({ description: "Payload of publishing an event." })
@Allow(inherit)
export class PublishEventPayload {
  @Field(() => ID, { description: "ID of the published event (`evt_…`)." })
  eventId!: string;
}
