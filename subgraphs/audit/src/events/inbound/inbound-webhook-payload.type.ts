import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { InboundWebhook } from "./inbound-webhook.type.js";

@ObjectType({ description: "Payload of a mutation that issues the secret of an inbound webhook." })
@Allow(inherit)
export class InboundWebhookSecretPayload {
  @Field(() => InboundWebhook, { description: "The inbound webhook." })
  inboundWebhook!: InboundWebhook;

  @Field(() => String, {
    nullable: true,
    description: "The secret, if Weft generated it. Shown only now: null if the call is repeated with the same idempotency key.",
  })
  secret!: string | null;
}

@ObjectType({ description: "Payload of a mutation that returns an inbound webhook." })
@Allow(inherit)
export class InboundWebhookPayload {
  @Field(() => InboundWebhook, { description: "The inbound webhook as it is after the call." })
  inboundWebhook!: InboundWebhook;
}
