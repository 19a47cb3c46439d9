import { Allow, JsonScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Environment } from "../definitions/environment.type.js";
import { WorkflowInstance } from "./instance.type.js";

@InputType({ description: "What to start." })
export class StartWorkflowInput {
  @Field(() => String, { description: "The newest published version of this key is started." })
  definitionKey!: string;

  @Field(() => Environment, {
    nullable: true,
    description: "Where it runs, on the newest version that is in use there; PROD when left out.",
  })
  environment?: Environment | null;

  @Field(() => JsonScalar, { nullable: true, description: "The data, as the definition's schema wants it; an empty object when absent." })
  data?: unknown;

  @Field(() => ID, { nullable: true, description: "The team that the instance belongs to." })
  teamId?: string | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which transition of which instance." })
export class FireTransitionInput {
  @Field(() => ID, { description: "The instance's id, `wfi_…`." })
  instanceId!: string;

  @Field(() => String, { description: "The transition's name; see `availableTransitions`." })
  transition!: string;

  @Field(() => String, { nullable: true, description: "Why; some transitions require it. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "What the transition's input schema asks for." })
  input?: unknown;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which instance to end." })
export class CancelWorkflowInput {
  @Field(() => ID, { description: "The instance's id, `wfi_…`." })
  instanceId!: string;

  @Field(() => String, { nullable: true, description: "Why. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => Int, { nullable: true, description: "The version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The new instance." })
@Allow(inherit)
export class StartWorkflowPayload {
  @Field(() => WorkflowInstance, { description: "The instance as it is now." })
  instance!: WorkflowInstance;
}

@ObjectType({ description: "The instance after its move." })
@Allow(inherit)
export class FireTransitionPayload {
  @Field(() => WorkflowInstance, { description: "The instance as it is now." })
  instance!: WorkflowInstance;
}

@ObjectType({ description: "The instance after its end." })
@Allow(inherit)
export class CancelWorkflowPayload {
  @Field(() => WorkflowInstance, { description: "The instance as it is now." })
  instance!: WorkflowInstance;
}
