import { encodeIdOrNull } from "@weft/shared/ids";
import type { ChainProblem, ChainReport } from "@weft/platform/audit";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, can, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";

const AuditProblemKind = {
  ENTRY_CHANGED: "ENTRY_CHANGED",
  ENTRY_MISSING: "ENTRY_MISSING",
  SEAL_CHANGED: "SEAL_CHANGED",
  SEAL_MISSING: "SEAL_MISSING",
  CHECKPOINT_INVALID: "CHECKPOINT_INVALID",
  CHECKPOINT_MISSING: "CHECKPOINT_MISSING",
} as const;

registerEnumType(AuditProblemKind, {
  name: "AuditProblemKind",
  description: "Kind of problem in an audit trail.",
  valuesConfig: {
    ENTRY_CHANGED: { description: "An entry differs from what was sealed." },
    ENTRY_MISSING: { description: "An entry is missing." },
    SEAL_CHANGED: { description: "The chain is inconsistent: edited, swapped, or rebuilt." },
    SEAL_MISSING: { description: "A seal of the chain, or its end up to a signed checkpoint, is missing." },
    CHECKPOINT_INVALID: { description: "The signature of a checkpoint is invalid, or it belongs to another chain." },
    CHECKPOINT_MISSING: { description: "The head of the chain is not signed." },
  },
});

const auditProblemColumns = columns({
  kind: column.of(() => AuditProblemKind, "Kind of problem."),
  sequence: column.int("Position in the chain, starting at 1."),
  entryId: column.id("Entry at that position, if known.", { nullable: true }),
  message: column.text("Description of the problem."),
});

@ShowColumns(auditProblemColumns)
@ObjectType({ description: "The first problem in an audit trail." })
@Allow(inherit)
export class AuditProblem extends shapeOf(auditProblemColumns) {}

const auditTrailReportColumns = columns({
  isValid: column.flag("Whether every verified entry exists and matches its seal."),
  isComplete: column.flag(
    "Whether the end of the trail, or a problem, was reached. If not, verify again: the next verification continues.",
  ),
  verifiedFrom: column.int("Sequence number of the first entry verified, from 1. Entries before it were verified earlier."),
  verifiedEntries: column.int("Number of entries verified successfully, up to the first problem."),
  unsealedEntries: column.int("Number of entries that are not sealed yet (those of about the last second)."),
  firstProblem: column.of(() => AuditProblem, "First problem. Null if there is none.", { nullable: true }),
  checkpoint: column.text(
    "Signed head of the chain. Store it outside of Weft and pass it later as `checkpoint`: then even the deletion of the newest entries together with their seals is detected.",
    { nullable: true },
  ),
});

@ShowColumns(auditTrailReportColumns)
@ObjectType({ description: "Result of verifying an audit trail." })
@Allow(can("audit.verify"))
export class AuditTrailReport extends shapeOf(auditTrailReportColumns) {}

export function toAuditTrailReport(report: ChainReport): AuditTrailReport {
  const { from, unsealed, firstProblem, head } = report;
  return Object.assign(new AuditTrailReport(), auditTrailReportColumns.shown(report), {
    verifiedFrom: from + 1,
    unsealedEntries: unsealed,
    firstProblem: firstProblem && toAuditProblem(firstProblem),
    checkpoint: head?.signature ?? null,
  });
}

/** `kind` is one of the problem kinds of a chain. In a database row, it is text. */
export const toAuditProblem = ({
  kind,
  sequence,
  entryId,
  message,
}: Omit<ChainProblem, "kind"> & { readonly kind: string }): AuditProblem =>
  Object.assign(new AuditProblem(), { kind, sequence, entryId: encodeIdOrNull("auditEntry", entryId), message });
