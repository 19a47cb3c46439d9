import { Allow, JsonScalar, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { Incident, IncidentAction } from "./incident.type.js";

@InputType({ description: "Which incident to resolve, and how." })
export class ResolveIncidentInput {
  @Field(() => ID, { description: "The incident's id, `inc_…`." })
  id!: string;

  @Field(() => IncidentAction, { description: "How its instance goes on." })
  action!: IncidentAction;

  @Field(() => String, { nullable: true, description: "Of FIRE: the transition's name." })
  transition?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Of FIRE: what the transition's input schema asks for." })
  input?: unknown;

  @Field(() => String, { nullable: true, description: "Why; some transitions require it. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => Int, { nullable: true, description: "The instance's version that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The resolved incident, and what became of its instance." })
@Allow(inherit)
export class ResolveIncidentPayload {
  @Field(() => Incident, { nullable: true, description: "The incident as it is now; null when you may no longer see it." })
  incident!: Incident | null;

  @Field(() => WorkflowInstance, { nullable: true, description: "The instance as it is now; null when you may not read it." })
  @Allow(inherit)
  instance!: WorkflowInstance | null;
}
