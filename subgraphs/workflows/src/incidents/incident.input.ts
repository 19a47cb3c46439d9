import { Allow, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { Incident, IncidentAction } from "./incident.type.js";

@InputType({ description: "The incident to resolve, and how." })
export class ResolveIncidentInput {
  @Field(() => ID, { description: "ID of the incident (`inc_…`)." })
  id!: string;

  @Field(() => IncidentAction, { description: "How the instance continues." })
  action!: IncidentAction;

  @Field(() => String, { nullable: true, description: "For FIRE: name of the transition." })
  transition?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "For FIRE: values for the transition's input schema." })
  input?: unknown;

  @Field(() => String, { nullable: true, description: "Comment. Some transitions require one. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the instance that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The resolved incident and its instance." })
@Allow(inherit)
export class ResolveIncidentPayload {
  @Field(() => Incident, { nullable: true, description: "Current state of the incident. Null if you can no longer see it." })
  incident!: Incident | null;

  @Field(() => WorkflowInstance, { nullable: true, description: "Current state of the instance. Null if you cannot read it." })
  @Allow(inherit)
  instance!: WorkflowInstance | null;
}
