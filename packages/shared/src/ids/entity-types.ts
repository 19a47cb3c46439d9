import type { IdType } from "./type-ids.js";

/** The kind of id of each GraphQL entity type. */
export const entityIdTypes: Readonly<Record<string, IdType>> = {
  Tenant: "tenant",
  User: "user",
  Team: "team",
  Role: "role",
  Session: "session",
  Definition: "definition",
  WorkflowInstance: "instance",
  HistoryEntry: "history",
  Task: "task",
  TaskRemark: "taskRemark",
  Absence: "absence",
  RoutingRule: "routingRule",
  Incident: "incident",
  BulkOperation: "bulkOperation",
  RequestType: "requestType",
  Request: "request",
  Building: "building",
  Asset: "asset",
  Vendor: "vendor",
  Project: "project",
  AuditEntry: "auditEntry",
  Event: "event",
  Notification: "notification",
};

/** @throws at start for a type that is no entity: add it to the table, with a prefix of its own */
export function idTypeOf(typeName: string): IdType {
  const type = entityIdTypes[typeName];
  if (!type) throw new Error(`${typeName} has no kind of id; add it to shared/src/ids/entity-types.ts.`);
  return type;
}
