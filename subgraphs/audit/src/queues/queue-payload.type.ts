import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { DeliveryQueue } from "./queue.type.js";

@ObjectType({ description: "Payload of a mutation that returns a delivery queue." })
@Allow(inherit)
export class DeliveryQueuePayload {
  @Field(() => DeliveryQueue, { description: "The delivery queue as it is after the call." })
  queue!: DeliveryQueue;
}
