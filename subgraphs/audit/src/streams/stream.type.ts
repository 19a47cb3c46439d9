import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { AuditStreamAccessInput } from "./stream.input.js";
import type { AuditStreamRow } from "./stream.store.js";

export const AuditStreamTransport = { SYSLOG: "SYSLOG", HTTP: "HTTP", S3: "S3" } as const;
export type AuditStreamTransport = keyof typeof AuditStreamTransport;
export const AuditStreamStatus = { ACTIVE: "ACTIVE", PAUSED: "PAUSED" } as const;
export type AuditStreamStatus = keyof typeof AuditStreamStatus;

registerEnumType(AuditStreamTransport, {
  name: "AuditStreamTransport",
  description: "How a stream sends entries.",
  valuesConfig: {
    SYSLOG: { description: "A message of syslog (RFC 5424) for each entry, over TLS (RFC 5425)." },
    HTTP: { description: "POST requests with a line of JSON for each entry." },
    S3: { description: "Objects in a bucket of S3, or of a compatible storage, with a line of JSON for each entry." },
  },
});
registerEnumType(AuditStreamStatus, {
  name: "AuditStreamStatus",
  description: "Whether a stream sends entries.",
  valuesConfig: {
    ACTIVE: { description: "Entries are sent as soon as they are sealed." },
    PAUSED: { description: "Entries wait until the stream is active again." },
  },
});

export const auditStreamColumns = columns({
  id: column.id("ID (`aus_…`).", { created: false, updated: "The stream.", requiredInUpdate: true, isKey: true }),
  ...standardColumns.expectedVersion,
  name: column.text("Display name.", { max: 200, trimmed: true }),
  transport: column.of(() => AuditStreamTransport, "How entries are sent.", {
    created: "How entries are sent. Cannot be changed.",
    updated: false,
  }),
  url: column.text("Where entries are sent.", {
    created:
      "Where entries are sent. HTTP: a URL with https. S3: the URL of the bucket, with a prefix of the objects if there should be one, such as `https://s3.eu-central-1.amazonaws.com/bucket/weft`. SYSLOG: `tls://host:port`, by default with the port 6514.",
  }),
  access: column.of(() => AuditStreamAccessInput, "What the receiver asks for.", {
    shown: false,
    updated: "What the receiver asks for. It replaces everything earlier. Pass it again if the URL leads to another host.",
    nullable: true,
    converted: true,
  }),
  ...column.shownOnly({ accessNames: column.texts("Names of what the receiver asks for. The values are never shown.") }),
  includesValues: column.flag("Whether entries are sent with the values before and after a change.", {
    created: "Whether entries are sent with the values before and after a change, including personal data.",
    initial: false,
  }),
  afterSequence: column.safeInt("Place in the chain after which the stream begins. 0: with the first entry. Default: with the next one.", {
    shown: false,
    updated: false,
    nullable: true,
    converted: true,
  }),
  ...standardColumns.idempotencyKey,
  status: column.of(() => AuditStreamStatus, "Whether entries are sent.", { created: false }),
  ...column.shownOnly({
    sequence: column.safeInt("Place in the chain up to which the receiver has all entries."),
    waiting: column.safeInt("Number of sealed entries that the receiver does not have yet."),
    lastSentAt: column.time("Time at which the receiver last took entries. Null if it never did.", { nullable: true }),
    failures: column.int("Number of failed attempts since the receiver last took entries."),
    failingSince: column.time("Time of the first of these attempts. Null if there is none.", { nullable: true }),
    lastError: column.text("What was wrong with the last attempt. Null if it succeeded.", { nullable: true }),
    stalledAt: column.time("Time at which the administrators were notified that the stream stands still. Null if it does not.", {
      nullable: true,
    }),
  }),
  ...standardColumns.version("updateAuditStream"),
  ...standardColumns.times,
});

@ShowColumns(auditStreamColumns)
@ObjectType({ description: "A stream of the whole audit trail to another system, such as a SIEM." })
@Allow(canInTenant("auditStream.read"))
export class AuditStream extends shapeOf(auditStreamColumns) {
  /** UUID, for field resolvers. */
  createdByUuid!: string;
}

export const CreateAuditStreamInput = createInputOf("CreateAuditStreamInput", auditStreamColumns, "The stream to create.");
export type CreateAuditStreamInput = InstanceType<typeof CreateAuditStreamInput>;

export const UpdateAuditStreamInput = updateInputOf(
  "UpdateAuditStreamInput",
  auditStreamColumns,
  "Changes to a stream. Omitted fields stay unchanged.",
);
export type UpdateAuditStreamInput = InstanceType<typeof UpdateAuditStreamInput>;

export const { Connection: AuditStreamConnection } = connectionOf(AuditStream, "AuditStream");

export const AuditStreamPayload = payloadOf(AuditStream, "auditStream");
export type AuditStreamPayload = InstanceType<typeof AuditStreamPayload>;

/** Converts a row to its API type. */
export function toAuditStream(row: AuditStreamRow): AuditStream {
  return Object.assign(new AuditStream(), auditStreamColumns.shown(row), {
    id: encodeId("auditStream", row.id),
    transport: row.transport as AuditStreamTransport,
    status: row.status as AuditStreamStatus,
    waiting: row.head - row.sequence,
    createdByUuid: row.createdBy,
  });
}
