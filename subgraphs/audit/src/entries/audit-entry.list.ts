import { audit } from "@weft/drizzle";
import { anyIdField, enumField, filterInput, idField, timeField } from "@weft/api/filters";
import { actionField } from "./action-names.js";
import { apiKeyField } from "./api-key-field.js";
import { AuditedEntity } from "./audit-entry.type.js";

const { auditEntries } = audit;

export const AuditEntryFilter = filterInput("AuditEntryFilter", {
  action: actionField(auditEntries.action, "Action."),
  entityType: enumField("AuditedEntity", AuditedEntity, auditEntries.entityType, "Type of the object."),
  entityId: anyIdField(
    Object.fromEntries(Object.values(AuditedEntity).map((type) => [type, auditEntries.entityId])),
    "Object of the action.",
  ),
  actorId: idField("user", auditEntries.actorId, "Actor."),
  apiKeyId: apiKeyField,
  at: timeField(auditEntries.at, "When."),
});
