import { Allow, can, connectionOf, DateTimeScalar, encodeId, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "A verification of the whole audit trail in the background." })
@Allow(can("audit.verify"))
export class AuditVerification {
  @Field(() => ID, { description: "ID (`avf_…`)." })
  id!: string;

  @Field(() => AuditVerificationStatus, { description: "Current status." })
  status!: string;

  @Field(() => Int, { description: "Number of sealed entries. Grows while entries are added." })
  total!: number;

  @Field(() => Int, { description: "Number of entries recomputed so far." })
  verifiedEntries!: number;

  @Field(() => AuditTrailReport, { nullable: true, description: "Result. Null until the verification is completed." })
  report!: AuditTrailReport | null;

  @Field(() => String, { nullable: true, description: "Reason for the failure." })
  message!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "End time. Null while it runs." })
  finishedAt!: string | null;

  /** UUID, for the field resolver. */
  createdByUuid!: string;
}

export const { Connection: AuditVerificationConnection } = connectionOf(AuditVerification, "AuditVerification");

export function toAuditVerification(row: VerificationRow): AuditVerification {
  return Object.assign(new AuditVerification(), {
    id: encodeId("auditVerification", row.id),
    status: row.status,
    total: row.total,
    verifiedEntries: row.sequence,
    report: row.isValid === null ? null : toReport(row, row.isValid),
    message: row.message,
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
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
