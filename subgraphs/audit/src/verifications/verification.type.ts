import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, can } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { AuditTrailReport, toAuditProblem } from "../chain/audit-report.type.js";
import type { VerificationRow } from "./verification.store.js";

export const AuditVerificationStatus = { RUNNING: "RUNNING", COMPLETED: "COMPLETED", FAILED: "FAILED" } as const;

registerEnumType(AuditVerificationStatus, {
  name: "AuditVerificationStatus",
  description: "Status of a verification of the audit trail.",
  valuesConfig: {
    RUNNING: { description: "A worker is verifying the chain, page by page." },
    COMPLETED: { description: "Reached the end of the chain, or a problem. See `report`." },
    FAILED: { description: "Could not be completed. See `message`." },
  },
});

const auditVerificationColumns = columns({
  id: column.id("ID (`avf_…`)."),
  status: column.of(() => AuditVerificationStatus, "Current status."),
  total: column.int("Number of sealed entries. Grows while entries are added."),
  verifiedEntries: column.int("Number of entries recomputed so far."),
  report: column.of(() => AuditTrailReport, "Result. Null until the verification is completed.", { nullable: true }),
  message: column.text("Reason for the failure.", { nullable: true }),
  createdAt: column.time("Creation time."),
  finishedAt: column.time("End time. Null while it runs.", { nullable: true }),
});

@ShowColumns(auditVerificationColumns)
@ObjectType({ description: "A verification of the whole audit trail in the background." })
@Allow(can("audit.verify"))
export class AuditVerification extends shapeOf(auditVerificationColumns) {
  /** UUID, for the field resolver. */
  createdByUuid!: string;
}

export const { Connection: AuditVerificationConnection } = connectionOf(AuditVerification, "AuditVerification");

export function toAuditVerification(row: VerificationRow): AuditVerification {
  return Object.assign(new AuditVerification(), auditVerificationColumns.shown(row), {
    id: encodeId("auditVerification", row.id),
    verifiedEntries: row.sequence,
    report: row.isValid === null ? null : toReport(row, row.isValid),
    createdByUuid: row.createdBy,
  });
}

function toReport({ sequence, problem, unsealed, checkpoint }: VerificationRow, isValid: boolean): AuditTrailReport {
  return Object.assign(new AuditTrailReport(), {
    isValid,
    isComplete: true,
    verifiedFrom: 1,
    verifiedEntries: sequence,
    unsealedEntries: unsealed ?? 0,
    firstProblem: problem && toAuditProblem(problem),
    checkpoint: isValid ? checkpoint : null,
  });
}

export const AuditVerificationPayload = payloadOf(AuditVerification, "verification");
export type AuditVerificationPayload = InstanceType<typeof AuditVerificationPayload>;
