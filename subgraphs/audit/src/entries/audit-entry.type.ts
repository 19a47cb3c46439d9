import { Allow, can, connectionOf, DateTimeScalar, encodeId, encodeIdOrNull, type IdType, JsonScalar } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Node } from "../nodes/node.type.js";
import type { OpenedEntry } from "./audit-entry.store.js";

/** What an entry can be about, and how it is stored. */
export const AuditedEntity = {
  TENANT: "tenant",
  USER: "user",
  TEAM: "team",
  ROLE: "role",
  SESSION: "session",
  DEFINITION: "definition",
  INSTANCE: "instance",
  TASK: "task",
  TASK_REMARK: "taskRemark",
  ABSENCE: "absence",
  INCIDENT: "incident",
  ROUTING_RULE: "routingRule",
  BULK_OPERATION: "bulkOperation",
  REQUEST_TYPE: "requestType",
  REQUEST: "request",
  BUILDING: "building",
  ASSET: "asset",
  VENDOR: "vendor",
  PROJECT: "project",
  NOTIFICATION: "notification",
  AUDIT_VERIFICATION: "auditVerification",
} as const;

registerEnumType(AuditedEntity, { name: "AuditedEntity", description: "What an audit entry is about." });

@ObjectType({ description: "A change, recorded in the transaction that made it. Entries are never changed or deleted.", implements: Node })
@Allow(can("audit.read"))
export class AuditEntry {
  readonly __typename = "AuditEntry";

  @Field(() => ID, { description: "TypeID, `aud_…`." })
  id!: string;

  @Field(() => String, { description: "What was done: `request.create`, `workflow.fire`, `session.login`, …" })
  action!: string;

  @Field(() => AuditedEntity, { description: "What kind of thing it was done to." })
  entityType!: string;

  @Field(() => ID, { description: "The thing it was done to." })
  entityId!: string;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "The complete row before the change; null when it was created. Personal values read [erased] once their person was erased, secrets [secret].",
  })
  before!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "The complete row after the change; null when it was deleted." })
  after!: unknown;

  @Field(() => String, { nullable: true, description: "The network address from which it was done; null for background work." })
  address!: string | null;

  @Field(() => ID, { nullable: true, description: "The session in which it was done; null for background work." })
  sessionId!: string | null;

  @Field(() => String, { description: "The request that did it; the log has it too." })
  requestId!: string;

  @Field(() => DateTimeScalar, { description: "When: true time, whatever a sandbox's clock shows." })
  at!: string;

  @Field(() => Int, { nullable: true, description: "Its place in the sealed chain; null while it waits to be sealed, for a second or so." })
  sequence!: number | null;

  /** UUIDs, for field resolvers. */
  actorUuid!: string;
  onBehalfOfUuid!: string | null;
  entityUuid!: string;
}

export const { Connection: AuditEntryConnection } = connectionOf(AuditEntry, "AuditEntry");

/** The API's view of a row whose personal values were opened. */
export function toAuditEntry(row: OpenedEntry): AuditEntry {
  return Object.assign(new AuditEntry(), {
    id: encodeId("auditEntry", row.id),
    action: row.action,
    entityType: row.entityType,
    entityId: encodeId(row.entityType as IdType, row.entityId),
    before: row.before,
    after: row.after,
    address: row.address,
    sessionId: encodeIdOrNull("session", row.sessionId),
    requestId: row.requestId,
    at: row.at,
    sequence: row.sequence,
    actorUuid: row.actorId,
    onBehalfOfUuid: row.onBehalfOf,
    entityUuid: row.entityId,
  });
}
