import { JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";
import { IntegrationTriggerStatus } from "./trigger.type.js";

/** What items become. Not in the schema itself; the input types that extend it have its fields. */
@InputType()
abstract class IntegrationTriggerTermsInput {
  @Field(() => String, {
    nullable: true,
    description: "Condition in CEL over `body`, the item. Example: `body.total > 100`. If null or empty, every item becomes an event.",
  })
  condition?: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'Payload of the event: expressions by property. Example: `{ number: "body.number" }`. If null, the payload is the item.',
  })
  payload?: unknown;

  @Field(() => String, {
    nullable: true,
    description:
      "Expression for the ID of the object that the event is about, for example `body.requestId`. The object must be visible to you.",
  })
  subject?: string | null;
}

@InputType({ description: "Input of `createIntegrationTrigger`. The trigger publishes events in your name." })
export class CreateIntegrationTriggerInput extends IntegrationTriggerTermsInput {
  @Field(() => ID, { description: "The integration." })
  integrationId!: string;

  @Field(() => String, { description: "Display name, at most 200 characters." })
  name!: string;

  @Field(() => String, { description: "Key of a trigger of the connector. See `Connector.triggers`. Cannot be changed." })
  trigger!: string;

  @Field(() => JsonScalar, { description: "Configuration. It must match `ConnectorTrigger.configurationSchema`." })
  configuration!: unknown;

  @Field(() => Int, { defaultValue: 300, description: "Seconds between polls: 60 to 86400." })
  intervalSeconds!: number;

  @Field(() => String, { description: "Name of the custom event that an item becomes. Declare it first with `declareEventType`." })
  eventType!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Whether items that exist already are published, too. Otherwise, the first poll publishes nothing.",
  })
  isFromBeginning!: boolean;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({
  description:
    "Input of `updateIntegrationTrigger`. Omitted fields keep their values. From then on, the trigger publishes events in your name, unless you change only its status.",
})
export class UpdateIntegrationTriggerInput extends IntegrationTriggerTermsInput {
  @Field(() => ID, { description: "The trigger." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "Version that you read. If it has changed since, the call fails with CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New name, at most 200 characters." })
  name?: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "New configuration. If it differs, the next poll starts again: only items that are new after it are published.",
  })
  configuration?: unknown;

  @Field(() => Int, { nullable: true, description: "New number of seconds between polls: 60 to 86400." })
  intervalSeconds?: number | null;

  @Field(() => String, { nullable: true, description: "Name of the custom event that an item becomes." })
  eventType?: string | null;

  @Field(() => IntegrationTriggerStatus, { nullable: true, description: "Whether it polls." })
  status?: IntegrationTriggerStatus | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "If true, the next poll starts again, and all items that exist are published, also those that were published before.",
  })
  isFromBeginning?: boolean | null;
}
