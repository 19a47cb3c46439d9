import { Allow, DateTimeScalar, can, inherit, WorkflowStatus } from "@weft/shared";
import { ArgsType, Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../principals/principal.type.js";
import { WorkflowInstance } from "./instance.type.js";

@ArgsType()
export class WorkflowTransitionedArgs {
  @Field(() => ID, { nullable: true, description: "Only this instance." })
  instanceId?: string | null;

  @Field(() => String, { nullable: true, description: "Only instances of this definition." })
  definitionKey?: string | null;
}

@ObjectType({
  description:
    "An instance came from one state into another, was held, or goes on. What happened is as it was then; the linked objects are as they are now.",
})
@Allow(inherit)
export class WorkflowTransitioned {
  @Field(() => String, { description: "Give it as `after` to miss nothing after a break." })
  cursor!: string;

  @Field(() => WorkflowInstance, { description: "The instance as it is now." })
  @Allow(can("workflow.read"))
  instance!: WorkflowInstance;

  @Field(() => String, { description: "The state before." })
  from!: string;

  @Field(() => String, { description: "The state after." })
  to!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "The transition that was fired; null when it was something beside its definition: a cancellation, a suspension, a resumption, a rollback, an incident or its resolution.",
  })
  transition!: string | null;

  @Field(() => Int, { description: "The instance's version after the move." })
  version!: number;

  @Field(() => WorkflowStatus, { description: "The instance's status after the move." })
  status!: WorkflowStatus;

  @Field(() => User, { nullable: true, description: "Who did it; null when he cannot be shown to you." })
  actor!: User | null;

  @Field(() => DateTimeScalar, { description: "When it happened." })
  occurredAt!: string;
}
