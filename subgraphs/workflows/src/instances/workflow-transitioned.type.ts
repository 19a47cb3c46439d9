import { Allow, can, inherit, ViewerIndependent } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { ArgsType, Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../principals/principal.type.js";
import { WorkflowInstance } from "./instance.type.js";

@ArgsType()
export class WorkflowTransitionedArgs {
  @Field(() => ID, { nullable: true, description: "Only events of this instance." })
  instanceId?: string | null;

  @Field(() => String, { nullable: true, description: "Only events of instances of this definition." })
  definitionKey?: string | null;
}

@ObjectType({
  description:
    "An instance changed its state, was suspended, or was resumed. The change is as of the event; linked objects are in their current state.",
})
@Allow(inherit)
@ViewerIndependent("workflow.read")
export class WorkflowTransitioned {
  /** Key of the instance's definition, for the titles of states; not a field. */
  definitionKey!: string;

  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to resume without missing events." })
  cursor!: string;

  @Field(() => WorkflowInstance, { description: "The instance." })
  @Allow(can("workflow.read"))
  instance!: WorkflowInstance;

  @Field(() => String, { description: "State before the change." })
  from!: string;

  @Field(() => String, { description: "Display name of the state before the change." })
  @ViewerIndependent("workflow.read")
  fromTitle?: string;

  @Field(() => String, { description: "State after the change." })
  to!: string;

  @Field(() => String, { description: "Display name of the state after the change." })
  @ViewerIndependent("workflow.read")
  toTitle?: string;

  @Field(() => String, {
    nullable: true,
    description:
      "The transition that was fired. Null if the change was made outside the definition: cancellation, suspension, resumption, rollback, incident, or resolution of an incident.",
  })
  transition!: string | null;

  @Field(() => Int, { description: "Version of the instance after the change." })
  version!: number;

  @Field(() => WorkflowStatus, { description: "Status of the instance after the change." })
  status!: WorkflowStatus;

  @Field(() => User, { nullable: true, description: "User who made the change. Null if you cannot see the user." })
  actor!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  occurredAt!: string;
}
