import {
  Allow,
  can,
  connectionOf,
  DateTimeScalar,
  encodeId,
  encodeIdOrNull,
  type IdType,
  JsonScalar,
  rowNodes,
  sourcesOf,
  type SubjectType,
  subjectTypes,
} from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Node } from "../nodes/node.type.js";
import { actionName } from "./action-names.js";
import { entryColumns, type OpenedEntry } from "./audit-entry.columns.js";
import { summaryOf } from "./entry-summary.js";
import { inCurrentSpelling } from "./current-spelling.js";
import { withTypeIds } from "./image-ids.js";

/** Types that an entry can be about, as enum values, with their stored values. */
export const AuditedEntity: Readonly<Record<string, SubjectType>> = Object.fromEntries(
  subjectTypes.map((type) => [type.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(), type]),
);

registerEnumType(AuditedEntity, { name: "AuditedEntity", description: "Type of object that an audit entry is about." });

@ObjectType({ description: "A change, recorded in the transaction that made it. Entries are never changed or deleted.", implements: Node })
@Allow(can("audit.read"))
export class AuditEntry {
  readonly __typename = "AuditEntry";

  @Field(() => ID, { description: "ID (`aud_…`)." })
  id!: string;

  @Field(() => String, {
    description: "Action in camelCase, for example `request.create`, `workflow.fire`, `building.setContact`, or `session.login`.",
  })
  action!: string;

  @Field(() => String, {
    description: 'The change in words, without the actor: `Moved from "draft" to "submitted".` For people; the wording can change.',
  })
  summary!: string;

  @Field(() => AuditedEntity, { description: "Type of the object." })
  entityType!: string;

  @Field(() => ID, { description: "Object of the action." })
  entityId!: string;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Complete row before the change, with the IDs of the API. Null for creations. Personal data reads [erased] after its person was erased; secrets read [secret].",
  })
  before!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "Complete row after the change, with the IDs of the API. Null for deletions." })
  after!: unknown;

  @Field(() => String, { nullable: true, description: "IP address of the client. Null for background work." })
  address!: string | null;

  @Field(() => ID, { nullable: true, description: "Session of the change. Null for background work, and for changes with an API key." })
  sessionId!: string | null;

  @Field(() => ID, { nullable: true, description: "API key (`key_…`) with which the actor made the change. Null for sessions." })
  apiKeyId!: string | null;

  @Field(() => String, { description: "ID of the request that made the change, as in the log." })
  requestId!: string;

  @Field(() => DateTimeScalar, { description: "Time of the change. Always real time, regardless of a sandbox's clock." })
  at!: string;

  @Field(() => Int, { nullable: true, description: "Position in the sealed chain. Null until it is sealed, after about a second." })
  sequence!: number | null;

  /** UUIDs, for field resolvers. */
  actorUuid!: string;
  onBehalfOfUuid!: string | null;
  entityUuid!: string;

  /** The underlying row, of which the other properties are made. */
  readonly row!: OpenedEntry;
}

export const { Connection: AuditEntryConnection } = connectionOf(AuditEntry, "AuditEntry");

const { column, from } = sourcesOf<OpenedEntry>();

/** Entries as rows with decrypted personal values, and the columns that their fields read. */
export const auditEntryNodes = rowNodes<OpenedEntry, AuditEntry, "row">({
  type: "AuditEntry",
  rowKey: "row",
  columns: entryColumns,
  always: ["id"],
  fields: {
    __typename: from([], () => "AuditEntry" as const),
    id: from(["id"], (row) => encodeId("auditEntry", row.id)),
    action: from(["action"], (row) => actionName(row.action)),
    summary: from(["action", "entityType", "before", "after"], summaryOf),
    entityType: column("entityType"),
    entityId: from(["entityType", "entityId"], (row) => encodeId(row.entityType as IdType, row.entityId)),
    // The type says which of their values are personal.
    before: from(["before", "entityType"], (row) => withTypeIds(row.entityType, inCurrentSpelling(row.before))),
    after: from(["after", "entityType"], (row) => withTypeIds(row.entityType, inCurrentSpelling(row.after))),
    address: column("address"),
    sessionId: from(["apiKeyId", "sessionId"], (row) => (row.apiKeyId === null ? encodeIdOrNull("session", row.sessionId) : null)),
    apiKeyId: from(["apiKeyId"], (row) => encodeIdOrNull("apiKey", row.apiKeyId)),
    requestId: column("requestId"),
    at: column("at"),
    sequence: column("sequence"),
    actorUuid: column("actorId"),
    onBehalfOfUuid: column("onBehalfOf"),
    entityUuid: column("entityId"),
  },
  resolvers: {
    actor: ["actorId"],
    onBehalfOf: ["onBehalfOf"],
    entity: ["entityType", "entityId"],
  },
});
