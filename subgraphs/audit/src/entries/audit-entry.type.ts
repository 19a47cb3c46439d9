import { encodeId, encodeIdOrNull, type IdType, subjectTypes } from "@weft/shared/ids";
import { actionName } from "@weft/platform/audit";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { rowNodes, sourcesOf } from "@weft/api/row-nodes";
import { Allow, can } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { Node } from "../nodes/node.type.js";
import { entryColumns, type OpenedEntry } from "./audit-entry.columns.js";
import { summaryOf } from "./entry-summary.js";
import { inCurrentSpelling } from "./current-spelling.js";
import { withTypeIds } from "./image-ids.js";

/** Types that an entry can be about, as enum values, with their stored values. */
export const AuditedEntity: Readonly<Record<string, string>> = Object.fromEntries(
  subjectTypes.map((type) => [type.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(), type]),
);

registerEnumType(AuditedEntity, { name: "AuditedEntity", description: "Type of object that an audit entry is about." });

const auditEntryColumns = columns({
  id: column.id("ID (`aud_…`)."),
  action: column.text("Action in camelCase, for example `request.create`, `workflow.fire`, `building.setContact`, or `session.login`."),
  summary: column.text('The change in words, without the actor: `Moved from "draft" to "submitted".` For people; the wording can change.'),
  entityType: column.of(() => AuditedEntity, "Type of the object."),
  entityId: column.id("Object of the action."),
  before: column.json(
    "Complete row before the change, with the IDs of the API. Null for creations. Personal data reads [erased] after its person was erased; secrets read [secret].",
    { nullable: true },
  ),
  after: column.json("Complete row after the change, with the IDs of the API. Null for deletions.", { nullable: true }),
  address: column.text("IP address of the client. Null for background work.", { nullable: true }),
  sessionId: column.id("Session of the change. Null for background work, and for changes with an API key.", { nullable: true }),
  apiKeyId: column.id("API key (`key_…`) with which the actor made the change. Null for sessions.", { nullable: true }),
  requestId: column.text("ID of the request that made the change, as in the log."),
  at: column.time("Time of the change. Always real time, regardless of a sandbox's clock."),
  sequence: column.int("Position in the sealed chain. Null until it is sealed, after about a second.", { nullable: true }),
});

@ShowColumns(auditEntryColumns)
@ObjectType({ description: "A change, recorded in the transaction that made it. Entries are never changed or deleted.", implements: Node })
@Allow(can("audit.read"))
export class AuditEntry extends shapeOf(auditEntryColumns) {
  readonly __typename = "AuditEntry";

  /** UUIDs, for field resolvers. */
  actorUuid!: string;
  onBehalfOfUuid!: string | null;
  entityUuid!: string;

  /** The underlying row, of which the other properties are made. */
  readonly row!: OpenedEntry;
}

export const { Connection: AuditEntryConnection } = connectionOf(AuditEntry, "AuditEntry");

const { column: stored, from } = sourcesOf<OpenedEntry>();

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
    entityType: stored("entityType"),
    entityId: from(["entityType", "entityId"], (row) => encodeId(row.entityType as IdType, row.entityId)),
    // The type says which of their values are personal.
    before: from(["before", "entityType"], (row) => withTypeIds(row.entityType, inCurrentSpelling(row.before))),
    after: from(["after", "entityType"], (row) => withTypeIds(row.entityType, inCurrentSpelling(row.after))),
    address: stored("address"),
    sessionId: from(["apiKeyId", "sessionId"], (row) => (row.apiKeyId === null ? encodeIdOrNull("session", row.sessionId) : null)),
    apiKeyId: from(["apiKeyId"], (row) => encodeIdOrNull("apiKey", row.apiKeyId)),
    requestId: stored("requestId"),
    at: stored("at"),
    sequence: stored("sequence"),
    actorUuid: stored("actorId"),
    onBehalfOfUuid: stored("onBehalfOf"),
    entityUuid: stored("entityId"),
  },
  resolvers: {
    liveCursor: ["sequence"],
    actor: ["actorId"],
    onBehalfOf: ["onBehalfOf"],
    entity: ["entityType", "entityId"],
  },
});
