import { Allow, can, type ChainProblem, type ChainReport, encodeIdOrNull, inherit } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";

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

@ObjectType({ description: "The first problem in an audit trail." })
@Allow(inherit)
export class AuditProblem {
  @Field(() => AuditProblemKind, { description: "Kind of problem." })
  kind!: string;

  @Field(() => Int, { description: "Position in the chain, starting at 1." })
  sequence!: number;

  @Field(() => ID, { nullable: true, description: "Entry at that position, if known." })
  entryId!: string | null;

  @Field(() => String, { description: "Description of the problem." })
  message!: string;
}

@ObjectType({ description: "Result of verifying an audit trail." })
@Allow(can("audit.verify"))
export class AuditTrailReport {
  @Field(() => Boolean, { description: "Whether every verified entry exists and matches its seal." })
  isValid!: boolean;

  @Field(() => Boolean, {
    description: "Whether the end of the trail, or a problem, was reached. If not, verify again: the next verification continues.",
  })
  isComplete!: boolean;

  @Field(() => Int, { description: "Sequence number of the first entry verified, from 1. Entries before it were verified earlier." })
  verifiedFrom!: number;

  @Field(() => Int, { description: "Number of entries verified successfully, up to the first problem." })
  verifiedEntries!: number;

  @Field(() => Int, { description: "Number of entries that are not sealed yet (those of about the last second)." })
  unsealedEntries!: number;

  @Field(() => AuditProblem, { nullable: true, description: "First problem. Null if there is none." })
  firstProblem!: AuditProblem | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Signed head of the chain. Store it outside of Weft and pass it later as `checkpoint`: then even the deletion of the newest entries together with their seals is detected.",
  })
  checkpoint!: string | null;
}

export function toAuditTrailReport({
  isValid,
  isComplete,
  from,
  verifiedEntries,
  unsealed,
  firstProblem,
  head,
}: ChainReport): AuditTrailReport {
  return Object.assign(new AuditTrailReport(), {
    isValid,
    isComplete,
    verifiedFrom: from + 1,
    verifiedEntries,
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
