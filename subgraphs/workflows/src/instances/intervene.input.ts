import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "./instance.type.js";

@InputType({ description: "What to say about which instance." })
export class CommentOnWorkflowInput {
  @Field(() => ID, { description: "The instance's id, `wfi_…`." })
  instanceId!: string;

  @Field(() => String, { description: "At most 10,000 characters; everybody who sees the instance reads it." })
  comment!: string;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which instance to hold, and why." })
export class SuspendWorkflowInput {
  @Field(() => ID, { description: "The instance's id, `wfi_…`." })
  instanceId!: string;

  @Field(() => String, { description: "Who is refused meanwhile reads it. At most 10,000 characters." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which instance to let go on." })
export class ResumeWorkflowInput {
  @Field(() => ID, { description: "The instance's id, `wfi_…`." })
  instanceId!: string;

  @Field(() => String, { nullable: true, description: "Why. At most 10,000 characters." })
  reason?: string | null;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

export enum RollbackData {
  THEN = "THEN",
  NOW = "NOW",
}
registerEnumType(RollbackData, {
  name: "RollbackData",
  description: "Which data an instance has after it was taken back.",
  valuesConfig: {
    THEN: { description: "That of then: what came since is gone, and stays in the history." },
    NOW: { description: "That of now." },
  },
});

@InputType({ description: "Which instance to take back, and to where." })
export class RollbackWorkflowInput {
  @Field(() => ID, { description: "The instance's id, `wfi_…`." })
  instanceId!: string;

  @Field(() => Int, { description: "The `version` of the history entry after which it stood as it shall stand again." })
  toVersion!: number;

  @Field(() => RollbackData, { description: "Whether its data goes back too." })
  data!: RollbackData;

  @Field(() => String, { description: "Why. At most 10,000 characters." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The instance in its earlier state." })
@Allow(inherit)
export class RollbackWorkflowPayload {
  @Field(() => WorkflowInstance, { description: "The instance as it is now." })
  instance!: WorkflowInstance;
}

@ObjectType({ description: "The instance with its new history." })
@Allow(inherit)
export class CommentOnWorkflowPayload {
  @Field(() => WorkflowInstance, { description: "The instance as it is now." })
  instance!: WorkflowInstance;
}

@ObjectType({ description: "The instance that is held." })
@Allow(inherit)
export class SuspendWorkflowPayload {
  @Field(() => WorkflowInstance, { description: "The instance as it is now." })
  instance!: WorkflowInstance;
}

@ObjectType({ description: "The instance that goes on." })
@Allow(inherit)
export class ResumeWorkflowPayload {
  @Field(() => WorkflowInstance, { description: "The instance as it is now." })
  instance!: WorkflowInstance;
}
