import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { Field, ObjectType, registerEnumType } from "type-graphql";
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

const inboundWebhookSettingsColumns = columns({
  header: column.text("For HMAC: header with the signature.", {
    created: "For HMAC, required: header with the signature.",
    nullable: true,
  }),
  algorithm: column.of(() => InboundHashAlgorithm, "For HMAC: hash function.", {
    created: "For HMAC: hash function (default SHA256).",
    nullable: true,
  }),
  encoding: column.of(() => InboundSignatureEncoding, "For HMAC: encoding of the signature.", {
    created: "For HMAC: encoding of the signature (default HEX).",
    nullable: true,
  }),
  prefix: column.text("For HMAC: text before the signature, for example `sha256=`.", { nullable: true }),
  timestampHeader: column.text("For HMAC: header with the time in Unix seconds. What is signed is then the time, a dot, and the body.", {
    created:
      "For HMAC: header with the time in Unix seconds. The signature must be that of the time, a dot, and the body. Requests older than five minutes are refused.",
    nullable: true,
  }),
  idHeader: column.text("Header with the ID of the message.", {
    created: "Header with the ID of the message. A message with a known ID is received only once.",
    nullable: true,
  }),
  username: column.text("For BASIC: user name.", { created: "For BASIC, required: user name.", nullable: true }),
});

@ShowColumns(inboundWebhookSettingsColumns)
@ObjectType({ description: "Settings of the schemes HMAC and BASIC. Names of headers are in lower case." })
@Allow(inherit)
export class InboundWebhookSettings extends shapeOf(inboundWebhookSettingsColumns) {}

export const InboundWebhookSettingsInput = createInputOf(
  "InboundWebhookSettingsInput",
  inboundWebhookSettingsColumns,
  "Settings of the schemes HMAC and BASIC. The other schemes have none.",
);
export type InboundWebhookSettingsInput = InstanceType<typeof InboundWebhookSettingsInput>;

const messageCountColumns = columns({
  received: column.int("Messages that wait to be handled."),
  published: column.int("Messages that became an event."),
  ignored: column.int("Messages for which the condition does not hold."),
  failed: column.int("Messages that could not become an event."),
});

@ShowColumns(messageCountColumns)
@ObjectType({
  description:
    "Numbers of the messages of an inbound webhook that are kept, by status. Each number is exact up to 1,000; 1000 means 1,000 or more.",
})
@Allow(inherit)
export class InboundMessageCounts extends shapeOf(messageCountColumns) {}

export const inboundWebhookColumns = columns({
  id: column.id("ID (`inw_…`).", { created: false, updated: "ID of the inbound webhook (`inw_…`).", requiredInUpdate: true, isKey: true }),
  name: column.text("Display name.", { max: 200, created: "Display name, at most 200 characters." }),
  scheme: column.of(() => InboundWebhookScheme, "How the sender proves who it is.", {
    created: "How the sender proves who it is. It cannot be changed.",
    updated: false,
  }),
  secret: column.text("Secret of the sender, or for BASIC the password. If omitted, Weft generates one, and returns it once.", {
    shown: false,
    updated: false,
    nullable: true,
  }),
  settings: column.pair(
    () => InboundWebhookSettings,
    () => InboundWebhookSettingsInput,
    "Settings of the scheme.",
    { created: "Settings of the schemes HMAC and BASIC.", optional: true },
  ),
  status: column.of(() => InboundWebhookStatus, "Whether it receives messages.", { created: false }),
  eventType: column.text("Name of the custom event that a message becomes.", {
    created: "Name of the custom event that a message becomes. Declare it first with `declareEventType`.",
    updated: "Name of the custom event that a message becomes.",
  }),
  ...standardColumns.expectedVersion,
  ...standardColumns.idempotencyKey,
  condition: column.text("Condition in CEL over `body`, `headers` and `receivedAt`. If null, every message becomes an event.", {
    created:
      'Condition in CEL over `body`, `headers` and `receivedAt`. Example: `headers["x-github-event"] == "push"`. If null or empty, every message becomes an event.',
    nullable: true,
  }),
  payload: column.json("Payload of the event: expressions by property. If null, the payload is the body.", {
    created:
      'Payload of the event: expressions by property. Example: `{ repository: "body.repository.full_name" }`. If null, the payload is the body.',
    nullable: true,
  }),
  subject: column.text("Expression for the ID of the object that the event is about.", {
    created:
      "Expression for the ID of the object that the event is about, for example `body.metadata.requestId`. The object must be visible to you.",
    nullable: true,
  }),
  headers: column.texts("Headers that expressions can read, in lower case.", {
    created: "Headers that expressions can read, at most 20. Headers with credentials or signatures are not possible.",
    optional: true,
  }),
  ...column.shownOnly({
    previousSecretExpiresAt: column.time("Time until which the previous secret is accepted, too. Null if there is none.", {
      nullable: true,
    }),
    version: column.int("Version number, incremented on every change. Pass it as `expectedVersion`."),
  }),
  ...standardColumns.times,
});

@ShowColumns(inboundWebhookColumns)
@ObjectType({
  description:
    "An endpoint to which another system sends messages. Weft verifies each message, and publishes it as a custom event in the name of the user who last saved the webhook.",
})
@Allow(canInTenant("inboundWebhook.read"))
export class InboundWebhook extends shapeOf(inboundWebhookColumns) {
  uuid!: string;
  actsAsUuid!: string;
  createdByUuid!: string;
}

// In the inputs, these come first.
const { settings, condition, payload, subject, headers, ...others } = inboundWebhookColumns.map;
const inputColumns = columns({ settings, condition, payload, subject, headers, ...others });

export const CreateInboundWebhookInput = createInputOf(
  "CreateInboundWebhookInput",
  inputColumns,
  "The inbound webhook to create. It publishes events in your name.",
);
export type CreateInboundWebhookInput = InstanceType<typeof CreateInboundWebhookInput>;

export const UpdateInboundWebhookInput = updateInputOf(
  "UpdateInboundWebhookInput",
  inputColumns,
  "Changes to an inbound webhook. Omitted fields stay unchanged. From then on, it publishes events in your name, unless you change only its status.",
);
export type UpdateInboundWebhookInput = InstanceType<typeof UpdateInboundWebhookInput>;

export const { Connection: InboundWebhookConnection } = connectionOf(InboundWebhook);

export function toInboundWebhook(row: InboundWebhookRow): InboundWebhook {
  const { header, algorithm, encoding, prefix, timestampHeader, idHeader, username } = row.settings;
  return {
    ...inboundWebhookColumns.shown(row),
    id: encodeId("inboundWebhook", row.id),
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
    status: row.status as InboundWebhookStatus,
    condition: row.condition === "" ? null : row.condition,
    headers: row.headerNames,
    uuid: row.id,
    actsAsUuid: row.userId,
    createdByUuid: row.createdBy,
  };
}

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

export const InboundWebhookPayload = payloadOf(InboundWebhook, "inboundWebhook");
export type InboundWebhookPayload = InstanceType<typeof InboundWebhookPayload>;
