import type { ListedChild } from "@weft/engine";
import { Allow, inherit, staff } from "@weft/api/rules";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { Field, ObjectType } from "type-graphql";
import { WorkflowInstance } from "../references.js";

@ObjectType({ description: "A phase of a project: a workflow that the project's workflow has started." })
@Allow(staff)
export class ProjectPhase {
  @Field(() => String, { nullable: true, description: "`name` in the data of the phase's workflow. Null if it has none." })
  @Allow(inherit)
  name!: string | null;

  @Field(() => String, { description: "State of the phase's workflow." })
  @Allow(inherit)
  state!: string;

  @Field(() => WorkflowStatus, { description: "Status of the phase's workflow." })
  @Allow(inherit)
  status!: WorkflowStatus;

  @Field(() => WorkflowInstance, { nullable: true, description: "Workflow of the phase. Null if you cannot see it." })
  @Allow(inherit)
  workflow!: WorkflowInstance | null;
}

/** Converts a child of the project's instance to its API type. */
export const toPhase = ({ id, name, state, status }: ListedChild): ProjectPhase =>
  Object.assign(new ProjectPhase(), { name, state, status: status as WorkflowStatus, workflow: WorkflowInstance.of(id) });
