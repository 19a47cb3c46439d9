import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { WebhookDelivery } from "./delivery.type.js";

@ObjectType({ description: "Payload of a mutation that returns a webhook delivery." })
@Allow(inherit)
export class WebhookDeliveryPayload {
  @Field(() => WebhookDelivery, { description: "The webhook delivery as it is after the call." })
  delivery!: WebhookDelivery;
}
