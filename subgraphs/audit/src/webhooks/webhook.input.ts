import { DateTimeScalar, KeyedVersionedIdInput } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";

const version = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";
const key = "Idempotency key. Repeating the call with the same key returns the first result.";

@InputType({ description: "A custom header of the requests to an endpoint." })
export class WebhookHeaderInput {
  @Field(() => String, { description: "Name. Names that HTTP or the signature uses are refused, such as `Host` or `webhook-id`." })
  name!: string;

  @Field(() => String, { description: "Value, in printable ASCII characters. It is stored encrypted and never shown." })
  value!: string;
}

@InputType({ description: "A GraphQL query that selects the payload of a webhook." })
export class WebhookPayloadInput {
  @Field(() => String, {
    description:
      "The query, at most 10,000 characters. It runs for each event, with your rights, and its result replaces the payload. It can use the variables `$eventId: ID`, `$eventType: String` and `$subjectId: ID`.",
  })
  query!: string;
}

/** What a webhook receives. Not in the schema itself; the input types that extend it have its fields. */
@InputType()
export abstract class WebhookTermsInput {
  @Field(() => [String], { nullable: true, description: "Types of the events, at most 200. Null for all types, including future ones." })
  eventTypes?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Condition in CEL over `event` and `payload`. Example: `payload.to == "approved"`. If null or empty, all events of the types are delivered.',
  })
  condition?: string | null;

  @Field(() => [WebhookHeaderInput], { nullable: true, description: "Custom headers, at most 20. They replace all earlier ones." })
  headers?: WebhookHeaderInput[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether events of the same subject are delivered in order (default false). An event then waits for the earlier ones.",
  })
  isOrdered?: boolean | null;

  @Field(() => Int, { nullable: true, description: "Maximum number of requests per second, 1 to 1,000. Null for no limit." })
  rateLimit?: number | null;

  @Field(() => WebhookPayloadInput, {
    nullable: true,
    description: "Query that selects the payload, from the next event on. Null for the event's own payload.",
  })
  payload?: WebhookPayloadInput | null;
}

@InputType({ description: "The webhook to create." })
export class CreateWebhookInput extends WebhookTermsInput {
  @Field(() => String, { description: "Display name, at most 200 characters." })
  name!: string;

  @Field(() => String, { description: "URL of the endpoint: https, and a public host." })
  url!: string;

  @Field(() => String, { nullable: true, description: key })
  idempotencyKey?: string | null;
}

@InputType({ description: "Changes to a webhook. Omitted fields stay unchanged." })
export class UpdateWebhookInput extends WebhookTermsInput {
  @Field(() => ID, { description: "ID of the webhook (`whk_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name, at most 200 characters." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "URL of the endpoint: https, and a public host." })
  url?: string | null;

  @Field(() => Int, { nullable: true, description: version })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: key })
  idempotencyKey?: string | null;
}

/** Not in the schema itself; the input types that extend it have its fields. */

@InputType({ description: "The webhook whose secret is replaced." })
export class RotateWebhookSecretInput extends KeyedVersionedIdInput {
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time until which the old secret signs too, at most 30 days from now (default 24 hours from now).",
  })
  previousSecretExpiresAt?: string | null;
}
