import { JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";
import { InboundHashAlgorithm, InboundSignatureEncoding, InboundWebhookScheme, InboundWebhookStatus } from "./inbound-webhook.type.js";

@InputType({ description: "Settings of the schemes HMAC and BASIC. The other schemes have none." })
export class InboundWebhookSettingsInput {
  @Field(() => String, { nullable: true, description: "For HMAC, required: header with the signature." })
  header?: string | null;

  @Field(() => InboundHashAlgorithm, { nullable: true, description: "For HMAC: hash function (default SHA256)." })
  algorithm?: InboundHashAlgorithm | null;

  @Field(() => InboundSignatureEncoding, { nullable: true, description: "For HMAC: encoding of the signature (default HEX)." })
  encoding?: InboundSignatureEncoding | null;

  @Field(() => String, { nullable: true, description: "For HMAC: text before the signature, for example `sha256=`." })
  prefix?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "For HMAC: header with the time in Unix seconds. The signature must be that of the time, a dot, and the body. Requests older than five minutes are refused.",
  })
  timestampHeader?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Header with the ID of the message. A message with a known ID is received only once.",
  })
  idHeader?: string | null;

  @Field(() => String, { nullable: true, description: "For BASIC, required: user name." })
  username?: string | null;
}

/** What messages become. Not in the schema itself; the input types that extend it have its fields. */
@InputType()
abstract class InboundWebhookTermsInput {
  @Field(() => InboundWebhookSettingsInput, { nullable: true, description: "Settings of the schemes HMAC and BASIC." })
  settings?: InboundWebhookSettingsInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Condition in CEL over `body`, `headers` and `receivedAt`. Example: `headers["x-github-event"] == "push"`. If null or empty, every message becomes an event.',
  })
  condition?: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      'Payload of the event: expressions by property. Example: `{ repository: "body.repository.full_name" }`. If null, the payload is the body.',
  })
  payload?: unknown;

  @Field(() => String, {
    nullable: true,
    description:
      "Expression for the ID of the object that the event is about, for example `body.metadata.requestId`. The object must be visible to you.",
  })
  subject?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: "Headers that expressions can read, at most 20. Headers with credentials or signatures are not possible.",
  })
  headers?: string[] | null;
}

@InputType({ description: "The inbound webhook to create. It publishes events in your name." })
export class CreateInboundWebhookInput extends InboundWebhookTermsInput {
  @Field(() => String, { description: "Display name, at most 200 characters." })
  name!: string;

  @Field(() => InboundWebhookScheme, { description: "How the sender proves who it is. It cannot be changed." })
  scheme!: InboundWebhookScheme;

  @Field(() => String, {
    nullable: true,
    description: "Secret of the sender, or for BASIC the password. If omitted, Weft generates one, and returns it once.",
  })
  secret?: string | null;

  @Field(() => String, { description: "Name of the custom event that a message becomes. Declare it first with `declareEventType`." })
  eventType!: string;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({
  description:
    "Changes to an inbound webhook. Omitted fields stay unchanged. From then on, it publishes events in your name, unless you change only its status.",
})
export class UpdateInboundWebhookInput extends InboundWebhookTermsInput {
  @Field(() => ID, { description: "ID of the inbound webhook (`inw_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name, at most 200 characters." })
  name?: string | null;

  @Field(() => InboundWebhookStatus, { nullable: true, description: "Whether it receives messages." })
  status?: InboundWebhookStatus | null;

  @Field(() => String, { nullable: true, description: "Name of the custom event that a message becomes." })
  eventType?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "The inbound webhook that gets another secret." })
export class RotateInboundWebhookSecretInput {
  @Field(() => ID, { description: "ID of the inbound webhook (`inw_…`)." })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: "Secret of the sender, or for BASIC the password. If omitted, Weft generates one, and returns it once.",
  })
  secret?: string | null;

  @Field(() => Int, {
    defaultValue: 24,
    description: "Hours for which the previous secret is accepted, too: 0 to 168. 0 ends its use at once, for example if it has leaked.",
  })
  previousSecretHours!: number;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
