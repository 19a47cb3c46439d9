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
  description: "What is wrong with an audit trail.",
  valuesConfig: {
    ENTRY_CHANGED: { description: "An entry is not what was sealed." },
    ENTRY_MISSING: { description: "An entry is gone." },
    SEAL_CHANGED: { description: "The chain does not fit: edited, swapped or rebuilt." },
    SEAL_MISSING: { description: "A place of the chain, or its end up to a signed checkpoint, is gone." },
    CHECKPOINT_INVALID: { description: "A checkpoint does not bear our signature, or belongs to another chain." },
    CHECKPOINT_MISSING: { description: "The end of the chain is not signed." },
  },
});

@ObjectType({ description: "The first bad place of an audit trail." })
@Allow(inherit)
export class AuditProblem {
  @Field(() => AuditProblemKind, { description: "What is wrong." })
  kind!: string;

  @Field(() => Int, { description: "At which place of the chain, from 1." })
  sequence!: number;

  @Field(() => ID, { nullable: true, description: "The entry at that place, where one is known." })
  entryId!: string | null;

  @Field(() => String, { description: "The same in a sentence." })
  message!: string;
}

@ObjectType({ description: "What recomputing the audit trail has shown." })
@Allow(can("audit.verify"))
export class AuditTrailReport {
  @Field(() => Boolean, { description: "Whether every entry that was verified is there and is what was sealed." })
  isValid!: boolean;

  @Field(() => Boolean, {
    description: "Whether the end of the trail, or a problem, was reached. If not, verify again: the next verification continues.",
  })
  isComplete!: boolean;

  @Field(() => Int, { description: "Sequence number of the first entry verified, from 1. Entries before it were verified earlier." })
  verifiedFrom!: number;

  @Field(() => Int, { description: "Number of entries recomputed and found as they were sealed, up to the first problem." })
  verifiedEntries!: number;

  @Field(() => Int, { description: "Entries that are not sealed yet: those of the last second or so." })
  unsealedEntries!: number;

  @Field(() => AuditProblem, { nullable: true, description: "The first bad place; null when there is none." })
  firstProblem!: AuditProblem | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The signed end of the chain. Keep it outside of Weft and give it back later as `checkpoint`: then even the deletion of the newest entries together with their seals shows.",
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

/** `kind` is one of the problems of a chain; a row of the database knows it as text. */
export const toAuditProblem = ({
  kind,
  sequence,
  entryId,
  message,
}: Omit<ChainProblem, "kind"> & { readonly kind: string }): AuditProblem =>
  Object.assign(new AuditProblem(), { kind, sequence, entryId: encodeIdOrNull("auditEntry", entryId), message });
