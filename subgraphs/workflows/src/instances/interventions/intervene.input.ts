import { CommentAudience } from "@weft/api/comment-audience";
import { Field, ID, InputType, Int, registerEnumType } from "type-graphql";

@InputType({ description: "The comment to add, and its instance." })
export class CommentOnWorkflowInput {
  @Field(() => ID, { description: "ID of the instance (`wfi_…`)." })
  instanceId!: string;

  @Field(() => String, { description: "Comment. At most 10,000 characters." })
  comment!: string;

  @Field(() => CommentAudience, {
    description:
      "Users who can read the comment. `PUBLIC`: everyone who can see the instance, including users of a vendor. An `INTERNAL` comment does not change the instance's version.",
  })
  audience!: CommentAudience;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The instance to suspend, and the reason." })
export class SuspendWorkflowInput {
  @Field(() => ID, { description: "ID of the instance (`wfi_…`)." })
  instanceId!: string;

  @Field(() => String, { description: "Reason, shown to users whose calls are rejected in the meantime. At most 10,000 characters." })
  reason!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The instance to resume." })
export class ResumeWorkflowInput {
  @Field(() => ID, { description: "ID of the instance (`wfi_…`)." })
  instanceId!: string;

  @Field(() => String, { nullable: true, description: "Reason. At most 10,000 characters." })
  reason?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

export enum RollbackData {
  RESTORED = "RESTORED",
  CURRENT = "CURRENT",
}
registerEnumType(RollbackData, {
  name: "RollbackData",
  description: "Data that an instance has after a rollback.",
  valuesConfig: {
    RESTORED: { description: "The data of the restored version. Later changes are undone but remain in the history." },
    CURRENT: { description: "The current data." },
  },
});

@InputType({ description: "The instance to roll back, and the target version." })
export class RollbackWorkflowInput {
  @Field(() => ID, { description: "ID of the instance (`wfi_…`)." })
  instanceId!: string;

  @Field(() => Int, { description: "Version to restore: the `version` of a history entry." })
  toVersion!: number;

  @Field(() => RollbackData, { description: "Whether to restore the data too." })
  data!: RollbackData;

  @Field(() => String, { description: "Reason. At most 10,000 characters." })
  reason!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
