import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, inherit, JsonScalar } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { InboundWebhookRow } from "./inbound-webhook.store.js";

export enum InboundWebhookScheme {
  STANDARD_WEBHOOKS = "STANDARD_WEBHOOKS",
  GITHUB = "GITHUB",
  STRIPE = "STRIPE",
  SLACK = "SLACK",
  HMAC = "HMAC",
  BASIC = "BASIC",
}
registerEnumType(InboundWebhookScheme, {
  name: "InboundWebhookScheme",
  description: "How a sender proves who it is.",
  valuesConfig: {
    STANDARD_WEBHOOKS: { description: "Headers `webhook-id`, `webhook-timestamp` and `webhook-signature` of Standard Webhooks." },
    GITHUB: { description: "Header `x-hub-signature-256` of GitHub." },
    STRIPE: { description: "Header `stripe-signature` of Stripe." },
    SLACK: { description: "Headers `x-slack-signature` and `x-slack-request-timestamp` of Slack. Weft answers its `url_verification`." },
    HMAC: { description: "HMAC of the body in a header of your choice." },
    BASIC: { description: "User name and password in the header `authorization`." },
  },
});

export enum InboundWebhookStatus {
  ACTIVE = "ACTIVE",
  PAUSED = "PAUSED",
}
registerEnumType(InboundWebhookStatus, {
  name: "InboundWebhookStatus",
  description: "Whether an inbound webhook receives messages.",
  valuesConfig: {
    ACTIVE: { description: "It receives messages." },
    PAUSED: { description: "It answers 404, as if it did not exist. Messages that it has received are still handled." },
  },
});

export enum InboundHashAlgorithm {
  SHA256 = "SHA256",
  SHA512 = "SHA512",
}
registerEnumType(InboundHashAlgorithm, { name: "InboundHashAlgorithm", description: "Hash function of an HMAC." });

export enum InboundSignatureEncoding {
  HEX = "HEX",
  BASE64 = "BASE64",
}
registerEnumType(InboundSignatureEncoding, { name: "InboundSignatureEncoding", description: "How the bytes of an HMAC are written." });

@ObjectType({ description: "Settings of the schemes HMAC and BASIC. Names of headers are in lower case." })
@Allow(inherit)
export class InboundWebhookSettings {
  @Field(() => String, { nullable: true, description: "For HMAC: header with the signature." })
  header!: string | null;

  @Field(() => InboundHashAlgorithm, { nullable: true, description: "For HMAC: hash function." })
  algorithm!: InboundHashAlgorithm | null;

  @Field(() => InboundSignatureEncoding, { nullable: true, description: "For HMAC: encoding of the signature." })
  encoding!: InboundSignatureEncoding | null;

  @Field(() => String, { nullable: true, description: "For HMAC: text before the signature, for example `sha256=`." })
  prefix!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "For HMAC: header with the time in Unix seconds. What is signed is then the time, a dot, and the body.",
  })
  timestampHeader!: string | null;

  @Field(() => String, { nullable: true, description: "Header with the ID of the message." })
  idHeader!: string | null;

  @Field(() => String, { nullable: true, description: "For BASIC: user name." })
  username!: string | null;
}

@ObjectType({
  description:
    "Numbers of the messages of an inbound webhook that are kept, by status. Each number is exact up to 1,000; 1000 means 1,000 or more.",
})
@Allow(inherit)
export class InboundMessageCounts {
  @Field(() => Int, { description: "Messages that wait to be handled." })
  received!: number;

  @Field(() => Int, { description: "Messages that became an event." })
  published!: number;

  @Field(() => Int, { description: "Messages for which the condition does not hold." })
  ignored!: number;

  @Field(() => Int, { description: "Messages that could not become an event." })
  failed!: number;
}

@ObjectType({
  description:
    "An endpoint to which another system sends messages. Weft verifies each message, and publishes it as a custom event in the name of the user who last saved the webhook.",
})
@Allow(canInTenant("inboundWebhook.read"))
export class InboundWebhook {
  @Field(() => ID, { description: "ID (`inw_…`)." })
  id!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => InboundWebhookScheme, { description: "How the sender proves who it is." })
  scheme!: InboundWebhookScheme;

  @Field(() => InboundWebhookSettings, { description: "Settings of the scheme." })
  settings!: InboundWebhookSettings;

  @Field(() => InboundWebhookStatus, { description: "Whether it receives messages." })
  status!: InboundWebhookStatus;

  @Field(() => String, { description: "Name of the custom event that a message becomes." })
  eventType!: string;

  @Field(() => String, {
    nullable: true,
    description: "Condition in CEL over `body`, `headers` and `receivedAt`. If null, every message becomes an event.",
  })
  condition!: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "Payload of the event: expressions by property. If null, the payload is the body.",
  })
  payload!: unknown;

  @Field(() => String, { nullable: true, description: "Expression for the ID of the object that the event is about." })
  subject!: string | null;

  @Field(() => [String], { description: "Headers that expressions can read, in lower case." })
  headers!: string[];

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time until which the previous secret is accepted, too. Null if there is none.",
  })
  previousSecretExpiresAt!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  uuid!: string;
  actsAsUuid!: string;
  createdByUuid!: string;
}

export const { Connection: InboundWebhookConnection } = connectionOf(InboundWebhook);

export function toInboundWebhook(row: InboundWebhookRow): InboundWebhook {
  const { name, status, eventType, condition, payload, subject, headerNames, previousSecretExpiresAt, version, createdAt, updatedAt } = row;
  const { header, algorithm, encoding, prefix, timestampHeader, idHeader, username } = row.settings;
  return {
    id: encodeId("inboundWebhook", row.id),
    name,
    scheme: row.scheme as InboundWebhookScheme,
    settings: {
      header: header ?? null,
      algorithm: (algorithm as InboundHashAlgorithm | undefined) ?? null,
      encoding: (encoding as InboundSignatureEncoding | undefined) ?? null,
      prefix: prefix ?? null,
      timestampHeader: timestampHeader ?? null,
      idHeader: idHeader ?? null,
      username: username ?? null,
    },
    status: status as InboundWebhookStatus,
    eventType,
    condition: condition === "" ? null : condition,
    payload,
    subject,
    headers: headerNames,
    previousSecretExpiresAt,
    version,
    createdAt,
    updatedAt,
    uuid: row.id,
    actsAsUuid: row.userId,
    createdByUuid: row.createdBy,
  };
}
