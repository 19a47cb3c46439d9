import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Webhook } from "./webhook.type.js";

@ObjectType({ description: "Payload of a mutation that issues the secret of a webhook." })
@Allow(inherit)
export class WebhookSecretPayload {
  @Field(() => Webhook, { description: "The webhook." })
  webhook!: Webhook;

  @Field(() => String, { description: "Secret with which the receiver verifies signatures (`whsec_…`). It is not shown again." })
  secret!: string;
}

@ObjectType({ description: "Payload of a mutation that returns a webhook." })
@Allow(inherit)
export class WebhookPayload {
  @Field(() => Webhook, { description: "The webhook as it is after the call." })
  webhook!: Webhook;
}
