import { type AuditClass, auditClasses, type AuditOutcome, auditOutcomes } from "@weft/platform/audit";
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

const namesOf = <Name extends string>(names: readonly Name[]): Readonly<Record<Name, Name>> =>
  Object.fromEntries(names.map((name) => [name, name])) as Readonly<Record<Name, Name>>;

/** Classes and outcomes of entries, as enum values. */
export const AuditClassEnum = namesOf(auditClasses);
export const AuditOutcomeEnum = namesOf(auditOutcomes);

registerEnumType(AuditClassEnum, {
  name: "AuditClass",
  description: "What an audit entry records.",
  valuesConfig: {
    CHANGE: { description: "A change." },
    FORBIDDEN: { description: "An operation that was refused because a right, a second factor or a recent login is missing." },
    NOT_FOUND: { description: "An ID that does not exist, or that the user cannot see." },
    REFUSED_LOGIN: { description: "A wrong password or code, or a login that was not allowed." },
    REFUSED_TRANSITION: { description: "A transition that the workflow did not allow." },
    PROFILE_VIOLATION: { description: "A step of an automation that the security profile did not allow." },
    LIMIT: { description: "An operation beyond a rate, or beyond the size that an operation can have." },
    FAILURE: { description: "A mutation that failed because of an error in Weft, or of a service that was down." },
    SENSITIVE_READ: {
      description:
        "Reading of the audit trail, of names of secrets, API keys, logins and rights of users, privacy requests, or of files of exports and reports.",
    },
  },
});
registerEnumType(AuditOutcomeEnum, {
  name: "AuditOutcome",
  description: "How what an audit entry records ended.",
  valuesConfig: {
    SUCCESS: { description: "It was done." },
    REFUSED: { description: "It was refused, and nothing was changed." },
    FAILED: { description: "It failed because of an error." },
  },
});
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
  class: column.of(() => AuditClassEnum, "What the entry records."),
  outcome: column.of(() => AuditOutcomeEnum, "How it ended."),
  code: column.text("Code of the error. Null unless something was refused or failed in an operation.", { nullable: true }),
  operation: column.text(
    "Field of the API that was refused, failed, or was read, for example `Mutation.createBuilding`. Null for changes.",
    {
      nullable: true,
    },
  ),
  count: column.safeInt("How often it happened since the last such entry of the actor. 1 for changes."),
  firstAt: column.time("When it happened first. Null for changes.", { nullable: true }),
  lastAt: column.time("When it happened last. Null for changes.", { nullable: true }),
  clientName: column.text("Name of the program that sent the request, as it calls itself. Null if it does not, and for background work.", {
    nullable: true,
  }),
  clientVersion: column.text("Version of the program.", { nullable: true }),
  userAgent: column.text("User agent of the client. Null for background work.", { nullable: true }),
  at: column.time(
    "Time of the change, or of the entry if it records several occurrences. Always real time, regardless of a sandbox's clock.",
  ),
  sequence: column.int("Position in the sealed chain. Null until it is sealed, after about a second.", { nullable: true }),
});

@ShowColumns(auditEntryColumns)
@ObjectType({
  description:
    "A change, recorded in the transaction that made it; or refusals, failures and sensitive reads of a user, recorded at most once a minute. Entries are never changed or deleted.",
  implements: Node,
})
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
    summary: from(["action", "entityType", "before", "after", "details"], summaryOf),
    entityType: stored("entityType"),
    entityId: from(["entityType", "entityId"], (row) => encodeId(row.entityType as IdType, row.entityId)),
    // The type says which of their values are personal.
    before: from(["before", "entityType"], (row) => withTypeIds(row.entityType, inCurrentSpelling(row.before))),
    after: from(["after", "entityType"], (row) => withTypeIds(row.entityType, inCurrentSpelling(row.after))),
    address: stored("address"),
    sessionId: from(["apiKeyId", "sessionId"], (row) => (row.apiKeyId === null ? encodeIdOrNull("session", row.sessionId) : null)),
    apiKeyId: from(["apiKeyId"], (row) => encodeIdOrNull("apiKey", row.apiKeyId)),
    requestId: stored("requestId"),
    class: from(["class"], (row) => row.class as AuditClass),
    outcome: from(["outcome"], (row) => row.outcome as AuditOutcome),
    code: from(["details"], ({ details }) => details?.code ?? null),
    operation: from(["details"], ({ details }) => details?.operation ?? null),
    count: from(["details"], ({ details }) => details?.count ?? 1),
    firstAt: from(["details"], ({ details }) => details?.firstAt ?? null),
    lastAt: from(["details"], ({ details }) => details?.lastAt ?? null),
    clientName: stored("clientName"),
    clientVersion: stored("clientVersion"),
    userAgent: stored("userAgent"),
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
