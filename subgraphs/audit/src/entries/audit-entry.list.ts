import { audit } from "@weft/drizzle";
import { anyIdField, enumField, filterInput, idField, searchField, textField, timeField, wordIn } from "@weft/api/filters";
import { sql } from "drizzle-orm";
import { actionField } from "./action-names.js";
import { apiKeyField } from "./api-key-field.js";
import { AuditClassEnum, AuditedEntity, AuditOutcomeEnum } from "./audit-entry.type.js";
import { addressField } from "./search/address-field.js";
import { changedField } from "./search/changed-field.js";

const { auditEntries } = audit;

const ofDetails = (name: "code" | "operation") => sql`(${auditEntries.details} ->> ${sql.raw(`'${name}'`)})`;

/** What a search by words reads. Personal values are encrypted, so their words find nothing. */
const searchedText = sql`concat_ws(' ', ${auditEntries.action}, ${auditEntries.requestId}, ${auditEntries.clientName}, ${auditEntries.details}::text,
  ${auditEntries.before}::text, ${auditEntries.after}::text)`;

export const AuditEntryFilter = filterInput("AuditEntryFilter", {
  action: actionField(auditEntries.action, "Action."),
  entityType: enumField("AuditedEntity", AuditedEntity, auditEntries.entityType, "Type of the object."),
  entityId: anyIdField(
    Object.fromEntries(Object.values(AuditedEntity).map((type) => [type, auditEntries.entityId])),
    "Object of the action.",
  ),
  actorId: idField("user", auditEntries.actorId, "Actor."),
  onBehalfOfId: idField("user", auditEntries.onBehalfOf, "User on whose behalf a substitute acted."),
  apiKeyId: apiKeyField,
  class: enumField("AuditClass", AuditClassEnum, auditEntries.class, "What the entry records."),
  outcome: enumField("AuditOutcome", AuditOutcomeEnum, auditEntries.outcome, "How it ended."),
  code: textField(ofDetails("code"), "Code of the error."),
  operation: textField(ofDetails("operation"), "Field of the API that was refused, failed, or was read."),
  clientName: textField(
    auditEntries.clientName,
    "Name of the program that sent the request. Requires `entityId`, `actorId`, or the start of a period (`at`), too.",
  ),
  address: addressField,
  changed: changedField,
  text: searchField(
    wordIn(searchedText),
    "Words of the entry: of its action, its request, its client, and of the values before and after. Personal data is encrypted and not found. Requires `entityId`, `actorId`, or the start of a period (`at`), too.",
  ),
  at: timeField(auditEntries.at, "When."),
});
